package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.util.CheckClassAdapter;

class BeanServerTransformerTest {
  private static byte[] read(Class<?> type) throws IOException {
    try (var in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      return in.readAllBytes();
    }
  }

  @Test
  void factoryCallsTheHookAndPassesTheVerifier() throws IOException {
    byte[] rewritten = BeanServerTransformer.rewrite(read(ManagementFactory.class));
    StringWriter problems = new StringWriter();
    CheckClassAdapter.verify(new ClassReader(rewritten), false, new PrintWriter(problems));
    assertThat(problems.toString()).isEmpty();
    assertThat(new String(rewritten, StandardCharsets.ISO_8859_1))
        .contains("io/nodedb/mem/hook/PlatformBeans");
  }

  @Test
  void anotherClassIsNone() throws IOException {
    byte[] other = read(String.class);
    assertThatThrownBy(() -> BeanServerTransformer.rewrite(other)).isInstanceOf(Unscopable.class);
  }
}
