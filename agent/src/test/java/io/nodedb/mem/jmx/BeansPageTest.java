package io.nodedb.mem.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page against the beans. */
class BeansPageTest {
  @ParameterizedTest
  @ValueSource(classes = {
        MemoryGovernorMXBean.class,
        EngineBudgetMXBean.class,
        NativeMemoryMXBean.class,
        EngineNativeMXBean.class,
        MappedMemoryMXBean.class
      })
  void everyAttributeIsOnThePage(Class<?> bean) throws Exception {
    String page = Files.readString(Path.of("..", "docs", "observability.md"));
    String type = bean.getSimpleName().replace("MXBean", "");
    String section = page.split("`io.nodedb.mem:type=" + type, 2)[1].split("`io.nodedb.mem:", 2)[0];
    assertThat(section)
        .contains(
            Stream.of(bean.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("get"))
                .map(name -> "`" + name.substring("get".length()) + "`")
                .toList());
  }
}
