package io.nodedb.mem.instrument;

import static io.nodedb.mem.instrument.RecordingRuntime.record;
import static io.nodedb.mem.instrument.RecordingRuntime.recordRefusing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.hook.Hooks;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Rewriting rewriting = new Rewriting();
  private final Class<?> scoped = rewriting.load(Scoped.class);

  @Test
  void methodRunsInItsEngineAndReturnsToNone() throws Throwable {
    var events = record(() -> assertThat(call("plain")).isEqualTo(Rewriting.QUERY));
    assertThat(events).containsExactly("enter 1", "poll", "back to -1", "end in -1");
  }

  @Test
  void argumentsAndWideReturnsSurvive() throws Throwable {
    var wide = scoped.getMethod("wide", long.class, double.class, Object.class);
    var events =
        record(
            () -> {
              assertThat(wide.invoke(null, 5L, 2.0, "x")).isEqualTo(7L);
              assertThat(wide.invoke(null, 50L, 2.0, null)).isEqualTo(1L);
            });
    assertBalanced(events, 2);
  }

  @Test
  void exceptionLeavesTheScope() throws Throwable {
    var events =
        record(
            () ->
                assertThatThrownBy(() -> call("fails"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("in 1"));
    assertBalanced(events, 1);
  }

  @Test
  void ownHandlersRunInsideTheScope() throws Throwable {
    var events = record(() -> assertThat(call("catches")).isEqualTo(Rewriting.QUERY));
    assertBalanced(events, 2);
  }

  @Test
  void innermostScopeWinsAndTheOuterReturns() throws Throwable {
    var events = record(() -> assertThat(call("nested")).isEqualTo(new int[] {1, 0, 1}));
    assertBalanced(events, 2);
  }

  @Test
  void recursionThroughTwoEnginesBalances() throws Throwable {
    var recursive = scoped.getMethod("recursive", int.class);
    var events =
        record(() -> assertThat(recursive.invoke(create(), 3)).isEqualTo(Rewriting.QUERY * 1000));
    assertBalanced(events, 7);
  }

  @Test
  void synchronizedMethodHoldsItsLockInTheScope() throws Throwable {
    assertBalanced(record(() -> assertThat(call("locked")).isEqualTo(Rewriting.QUERY)), 1);
  }

  @Test
  void modeOrPerCallOpensASite() throws Throwable {
    var events = record(() -> assertThat(call("site")).isEqualTo(Rewriting.WAL));
    assertThat(events).containsExactly("enter site 102", "poll", "back to -1", "end in -1");
  }

  @Test
  void transformationIsChargedToNobody() throws Throwable {
    var selects = scoped.getMethod("selects", String.class);
    var events = record(() -> selects.invoke(create(), "loads another class"));
    assertThat(events).containsSubsequence("enter 1", "enter -1", "back to 1", "back to -1");
  }

  @Test
  void bridgeOpensNoScopeOfItsOwn() throws Throwable {
    var events =
        record(() -> assertThat(((Callable<?>) create()).call()).isEqualTo(Rewriting.WAL));
    assertThat(events).containsExactly("enter 2", "poll", "back to -1", "end in -1");
  }

  @Test
  void annotationMeansOneOverload() throws Throwable {
    var events =
        record(
            () -> {
              var scopedOne = scoped.getMethod("overloaded", int.class);
              var otherOne = scoped.getMethod("overloaded", long.class);
              assertThat(scopedOne.invoke(create(), 0)).isEqualTo(Rewriting.WAL);
              assertThat(otherOne.invoke(create(), 0L)).isEqualTo(Hooks.NONE);
            });
    assertBalanced(events, 1);
  }

  @Test
  void switchesAndResourcesBalance() throws Throwable {
    nested("Closing");
    var selects = scoped.getMethod("selects", String.class);
    var events =
        record(
            () -> {
              assertThat(selects.invoke(create(), "one")).isEqualTo(1);
              assertThat(selects.invoke(create(), "two")).isEqualTo(2);
              assertThat(selects.invoke(create(), "three")).isEqualTo(41);
            });
    assertBalanced(events, 3);
  }

  @Test
  void constructorScopeOpensAfterSuper() throws Throwable {
    var events =
        record(
            () -> {
              var made = scoped.getConstructor(boolean.class).newInstance(false);
              assertThat(scoped.getField("beforeSuper").get(made)).isEqualTo(Hooks.NONE);
              assertThat(scoped.getField("afterSuper").get(made)).isEqualTo(Rewriting.VECTOR);
            });
    assertBalanced(events, 1);
  }

  @Test
  void failingConstructorLeavesTheScope() throws Throwable {
    var constructor = scoped.getConstructor(boolean.class);
    var events =
        record(
            () ->
                assertThatThrownBy(() -> constructor.newInstance(true))
                    .isInstanceOf(InvocationTargetException.class)
                    .hasCauseInstanceOf(IllegalStateException.class));
    assertBalanced(events, 1);
  }

  @Test
  void constructorWithStatementsBeforeSuperIsGuardedAfterIt() throws Throwable {
    var late = nested("Late");
    var constructor = late.getConstructor(String.class);
    var events =
        record(
            () -> {
              var made = constructor.newInstance("again");
              assertThat(scoped.getField("beforeSuper").get(made)).isEqualTo(Hooks.NONE);
              assertThat(scoped.getField("afterSuper").get(made)).isEqualTo(102);
              assertThatThrownBy(() -> constructor.newInstance(""))
                  .hasCauseInstanceOf(IllegalArgumentException.class);
            });
    assertBalanced(events, 1);
  }

  @Test
  void typeMeansItsMembersAndTheirLambdas() throws Throwable {
    var typed = nested("Typed");
    var lambda = new Object[1];
    var events =
        record(
            () -> {
              var made = typed.getConstructor().newInstance();
              assertThat(typed.getField("INITIALIZED").get(null)).isEqualTo(Rewriting.VECTOR);
              assertThat(invoke(made, "built")).isEqualTo(Rewriting.VECTOR);
              assertThat(invoke(made, "method")).isEqualTo(Rewriting.VECTOR);
              assertThat(invoke(made, "member")).isEqualTo(Rewriting.WAL);
              lambda[0] = invoke(made, "lambda");
            });
    assertThat(events).contains("enter 2").endsWith("back to -1", "end in -1");
    assertBalanced(
        record(
            () ->
                assertThat(((IntSupplier) lambda[0]).getAsInt()).isEqualTo(Rewriting.VECTOR)),
        1);
  }

  @Test
  void typeDoesNotMeanNestedTypes() throws Throwable {
    var made = nested("Typed$Nested").getConstructor().newInstance();
    assertThat(record(() -> assertThat(invoke(made, "method")).isEqualTo(Hooks.NONE))).isEmpty();
  }

  @Test
  void methodThatCannotAllocateIsLeftWithoutATypesScope() throws Throwable {
    var made = nested("Typed").getConstructor().newInstance();
    assertThat(record(() -> invoke(made, "built"))).isEmpty();
  }

  @Test
  void interfaceMethodsWithCodeAreScoped() throws Throwable {
    var type = rewriting.load(ScopedInterface.class);
    var made =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                InvocationHandler.invokeDefault(proxy, method, arguments));
    assertBalanced(
        record(
            () -> {
              assertThat(type.getMethod("byDefault").invoke(made)).isEqualTo(11);
              assertThat(type.getMethod("statically").invoke(null)).isEqualTo(1);
            }),
        2);
  }

  @Test
  void refusalAtEntryStillLeavesTheScope() throws Throwable {
    var events =
        recordRefusing(
            () ->
                assertThatThrownBy(() -> call("plain"))
                    .isInstanceOf(RecordingRuntime.Refused.class));
    assertThat(events).containsExactly("enter 1", "poll", "back to -1", "end in -1");
  }

  @Test
  void nothingIsReportedOfAHealthyClass() {
    assertThat(rewriting.lines).isEmpty();
  }

  private static void assertBalanced(List<String> events, int switches) {
    assertThat(events).filteredOn(e -> e.startsWith("enter")).hasSize(switches);
    assertThat(events).filteredOn(e -> e.startsWith("back")).hasSize(switches);
    assertThat(events).endsWith("end in -1");
  }

  private Class<?> nested(String name) throws ClassNotFoundException {
    return Class.forName(Scoped.class.getName() + '$' + name, false, scoped.getClassLoader());
  }

  private Object create() throws Throwable {
    return scoped.getConstructor().newInstance();
  }

  private Object call(String method) throws Throwable {
    return invoke(create(), method);
  }

  private static Object invoke(Object target, String method) throws Throwable {
    try {
      return target.getClass().getMethod(method).invoke(target);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
