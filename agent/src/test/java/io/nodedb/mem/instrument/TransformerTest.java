package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.config.Glob;
import io.nodedb.mem.config.Rule;
import io.nodedb.mem.hook.Hooks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TransformerTest {
  private static final ClassLoader LOADER =
      new ClassLoader("test", TransformerTest.class.getClassLoader()) {};

  private final Rewriting annotations = new Rewriting();

  @Test
  void unknownEngineLeavesTheClassAndIsReportedOnceWithTheKnownOnes() {
    assertThat(rewrite(annotations, Scoped.Unknown.class)).isNull();
    assertThat(rewrite(annotations, Scoped.Unknown.class)).isNull();
    assertThat(annotations.lines)
        .containsExactly(
            "nodedb-mem: class io.nodedb.mem.instrument.Scoped$Unknown stays uninstrumented: "
                + "@EngineBudget on method names the unknown engine \"quary\" (known: vector, "
                + "query, wal); add engines.quary to the configuration or correct the name "
                + "(loader: test)");
  }

  @Test
  void unreadableSizeLeavesTheClass() {
    assertThat(rewrite(annotations, Scoped.BadSize.class)).isNull();
    assertThat(annotations.lines)
        .singleElement()
        .asString()
        .contains("Scoped$BadSize", "perCall = \"lots\"", "on method", "such as 256MiB");
  }

  @Test
  void nativeAndAbstractMethodsAreReportedAndTheRestIsScoped() {
    assertThat(rewrite(annotations, Scoped.Impossible.class)).isNotNull();
    assertThat(annotations.lines).hasSize(2);
    assertThat(annotations.lines.get(0))
        .contains("Scoped$Impossible.without()I", "the method is abstract");
    assertThat(annotations.lines.get(1))
        .contains("Scoped$Impossible.elsewhere()I", "the method is native");
  }

  @Test
  void classWithoutAnnotationOrRuleIsLeft() {
    assertThat(rewrite(annotations, Arrayed.class)).isNull();
    assertThat(annotations.lines).isEmpty();
  }

  @Test
  void mentioningTheAnnotationElsewhereIsNotBeingAnnotated() {
    assertThat(rewrite(annotations, Mentioning.class)).isNull();
    assertThat(annotations.lines).isEmpty();
  }

  @Test
  void jdkAgentAndApiAreNeverTouched() {
    var all = new Rewriting(Rewriting.everything("query"));
    assertThat(rewrite(all, ArrayList.class)).isNull();
    assertThat(rewrite(all, Hooks.class)).isNull();
    assertThat(rewrite(all, MemoryGovernor.class)).isNull();
    var own = ScopeTransformer.class.getClassLoader();
    assertThat(all.rewrite(own, "some.Class", Rewriting.bytesOf(Arrayed.class))).isNull();
    assertThat(all.transformer.transform(null, null, null, null, null, new byte[0])).isNull();
    assertThat(all.lines).isEmpty();
  }

  @Test
  void garbageIsLeftAndReported() {
    var all = new Rewriting(Rewriting.everything("query"));
    assertThat(all.rewrite(LOADER, "some.Garbage", new byte[] {1, 2, 3})).isNull();
    assertThat(all.lines).singleElement().asString().contains("class some.Garbage stays");
  }

  @Test
  void classOfAFutureVersionIsLeftAndReported() {
    var file = Rewriting.bytesOf(Scoped.class);
    file[6] = 1;
    assertThat(annotations.rewrite(LOADER, "some.Future", file)).isNull();
    assertThat(annotations.lines).singleElement().asString().contains("some.Future", "version");
  }

  @Test
  void everyTruncationIsLeftWithoutAnException() {
    var file = Rewriting.bytesOf(Scoped.Typed.class);
    for (int length = 0; length < file.length; length += 7) {
      var cut = Arrays.copyOf(file, length);
      annotations.rewrite(LOADER, "some.Cut", cut);
    }
    assertThat(annotations.lines).isNotEmpty().allMatch(line -> line.contains("some.Cut"));
  }

  @Test
  void loaderThatHidesTheHooksKeepsItsClasses() {
    var hiding =
        new ClassLoader("hiding", null) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            throw new ClassNotFoundException(name);
          }
        };
    var file = Rewriting.bytesOf(Scoped.class);
    assertThat(annotations.rewrite(hiding, "some.Bundle", file)).isNull();
    assertThat(annotations.lines)
        .singleElement()
        .asString()
        .contains("some.Bundle", "hides", "(loader: hiding)");
  }

  @Test
  void ruleOpensScopesInTheMethodsItNames() throws Throwable {
    var rule =
        new Rule(
            Glob.ofClasses("io.nodedb.mem.instrument.Arr*"),
            Optional.of(Glob.ofMethods("obj*")),
            Optional.of("wal"),
            Optional.of(BreachMode.OBSERVE),
            OptionalLong.empty(),
            false,
            "test");
    var rewriting = new Rewriting(new ConfiguredRules(List.of(rule)));
    assertThat(rewrite(rewriting, Scoped.Closing.class)).isNull();
    var type = rewriting.load(Arrayed.class);
    var target = type.getConstructor().newInstance();
    var events =
        RecordingRuntime.record(
            () -> {
              type.getMethod("objects", int.class).invoke(target, 1);
              type.getMethod("calls", int.class).invoke(target, 1);
            });
    assertThat(events).startsWith("enter site 102").endsWith("back to -1", "end in -1");
    assertThat(events).filteredOn(e -> e.startsWith("enter")).hasSize(1);
  }

  @Test
  void annotationWinsOverARule() throws Throwable {
    var all = new Rewriting(Rewriting.everything("vector"));
    var type = all.new Loader(Map.of(), Scoped.class.getName()).find(Scoped.class.getName());
    var target = type.getConstructor().newInstance();
    var events = RecordingRuntime.record(() -> type.getMethod("plain").invoke(target));
    assertThat(events).containsExactly("enter 1", "poll", "back to -1", "end in -1");
  }

  /** Names the annotation's type without carrying it. */
  static final class Mentioning {
    EngineBudget of(Class<?> type) {
      return type.getAnnotation(EngineBudget.class);
    }
  }

  private static byte[] rewrite(Rewriting rewriting, Class<?> type) {
    if (type.getClassLoader() == null) {
      return rewriting.rewrite(null, type.getName(), new byte[20]);
    }
    return rewriting.rewrite(LOADER, type.getName(), Rewriting.bytesOf(type));
  }
}
