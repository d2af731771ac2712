package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetransformerTest {
  private final Rewriting rewriting = new Rewriting();
  private final List<String> lines = new ArrayList<>();
  private final List<Class<?>> retransformed = new ArrayList<>();

  @Test
  void retransformsWhatCouldBeAnnotatedOrRuled() throws Exception {
    var loaded = loaded(Scoped.class, Scoped.Late.class);
    int done = retransform(Set.of(), loaded.get(0), loaded.get(1), String.class, int[].class);
    assertThat(done).isEqualTo(2);
    assertThat(retransformed).containsExactlyElementsOf(loaded);
    assertThat(lines).isEmpty();
  }

  @Test
  void oneClassThatIsRefusedCostsNoOther() throws Exception {
    var loaded = loaded(Scoped.class, Scoped.Late.class, Scoped.Typed.class);
    int done = retransform(Set.of(loaded.get(1)), loaded.toArray(Class<?>[]::new));
    assertThat(done).isEqualTo(2);
    assertThat(retransformed).containsExactly(loaded.get(0), loaded.get(2));
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("Scoped$Late stays uninstrumented", "UnsupportedOperationException: refused");
  }

  private List<Class<?>> loaded(Class<?>... types) throws Exception {
    var loader = rewriting.load(Scoped.class).getClassLoader();
    var loaded = new ArrayList<Class<?>>();
    for (var type : types) {
      loaded.add(Class.forName(type.getName(), false, loader));
    }
    return loaded;
  }

  private int retransform(Set<Class<?>> refused, Class<?>... loaded) {
    var jvm =
        (Instrumentation)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Instrumentation.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "getAllLoadedClasses" -> loaded;
                      case "isModifiableClass" -> true;
                      case "retransformClasses" -> take((Class<?>[]) arguments[0], refused);
                      default -> throw new AssertionError(method);
                    });
    var reporter = new LineReporter(lines::add);
    return new Retransformer(jvm, rewriting.transformer, reporter).retransformLoaded();
  }

  private Object take(Class<?>[] batch, Set<Class<?>> refused) {
    for (var type : batch) {
      if (refused.contains(type)) {
        throw new UnsupportedOperationException("refused");
      }
    }
    retransformed.addAll(List.of(batch));
    return null;
  }
}
