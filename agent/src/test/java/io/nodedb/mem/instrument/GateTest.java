package io.nodedb.mem.instrument;

import static io.nodedb.mem.instrument.RecordingRuntime.record;
import static io.nodedb.mem.instrument.RecordingRuntime.recordRefusing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.hook.Hooks;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

class GateTest {
  private final Rewriting rewriting = new Rewriting(Rewriting.everything("query"));
  private final Class<?> arrayed = rewriting.load(Arrayed.class);

  @Test
  void primitiveArraysAreGatedWithTheirSize() throws Throwable {
    assertThat(gates("primitives", 1000))
        .containsExactly(1000L, 2000L, 4000L, 8000L, 1000L, 8000L);
  }

  @Test
  void referenceArraysAreGatedWithTheSizeOfReferences() throws Throwable {
    assertThat(gates("references", 1000)).containsExactly(8L, 4000L, 4000L);
  }

  @Test
  void rectangularArraysAreGatedAsAWhole() throws Throwable {
    assertThat(gates("rectangular", 10, 100)).containsExactly(4000L, 24_000L, 4000L, 4000L);
  }

  @Test
  void copiesAreGatedWithTheirNewSize() throws Throwable {
    assertThat(gates("copies", 100))
        .containsExactly(8L, 1L, 100L, 8L, 800L, 404L, 408L, 400L, 396L, 396L);
  }

  @Test
  void copiesHaveTheirContents() throws Throwable {
    record(
        () -> {
          var copies = (List<?>) call("copies", 3);
          assertThat((Object[]) copies.get(2)).containsExactly("a", "b", null, null);
          assertThat((String[]) copies.get(3)).containsExactly("a", "b", null, null, null);
          assertThat((int[]) copies.get(4)).hasSize(2);
          assertThat((Object[]) copies.get(5)).containsExactly("b", null);
        });
  }

  @Test
  void rectangularArraysHaveTheirShape() throws Throwable {
    record(
        () -> {
          var made = (List<?>) call("rectangular", 3, 5);
          assertThat((int[][]) made.get(0)).hasDimensions(3, 5);
          assertThat((long[][][]) made.get(1)).hasDimensions(3, 5);
          assertThat((Object[]) ((byte[][][]) made.get(3))[2]).hasSize(5).containsOnlyNulls();
        });
  }

  @Test
  void clonesAreGatedWithTheirSize() throws Throwable {
    assertThat(gates("clones", new int[10], new Object[7][2])).containsExactly(40L, 28L);
  }

  @Test
  void negativeSizeStillThrowsWhatItThrew() throws Throwable {
    record(() -> assertThat(call("negative", -4)).isEqualTo(-1));
  }

  @Test
  void refusedGateAllocatesNothingAndLeavesTheScope() throws Throwable {
    var events =
        recordRefusing(
            () ->
                assertThatThrownBy(() -> call("references", 1000))
                    .isInstanceOf(RecordingRuntime.Refused.class));
    assertThat(events).endsWith("back to -1", "end in -1");
  }

  @Test
  void everyObjectIsPolledFor() throws Throwable {
    var events = record(() -> call("objects", 5));
    // the scope, for the list too; in each of five turns the builder, and the loop's call of add
    assertThat(events).filteredOn("poll"::equals).hasSize(11);
  }

  @Test
  void loopThatCallsWhatDoesNotPollIsPolled() throws Throwable {
    var few = record(() -> call("calls", 10)).size();
    var many = record(() -> call("calls", 1000)).size();
    assertThat(many).isGreaterThan(few + 100);
  }

  /** Those of its own class, which poll where they allocate, and what only computes. */
  @Test
  void loopThatCallsWhatPollsIsNot() throws Throwable {
    var events = record(() -> call("callsThatPoll", 100));
    // one scope of the loop, one of each call, and 50 builders
    assertThat(events).filteredOn("poll"::equals).hasSize(101 + 50);
  }

  /** A refusal at the unlock would leave the lock held. */
  @Test
  void nothingIsRefusedBetweenLockAndUnlock() throws Throwable {
    var lock = new ReentrantLock();
    var events = record(() -> call("locked", lock));
    assertThat(events).endsWith("enter 1", "poll", "back to -1", "end in -1");
    recordRefusing(
        () ->
            assertThatThrownBy(() -> call("locked", lock))
                .isInstanceOf(RecordingRuntime.Refused.class));
    assertThat(lock.isLocked()).isFalse();
  }

  /** Nothing is to be refused where something is about to be thrown, and lookups allocate nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"checked", "checkedAtLength", "looksUp"})
  void assertionsExceptionsAndLookupsAreNoReasonToPoll(String method) {
    assertThat(rewritten(method, Rewriting.everything(null)).instructions)
        .noneMatch(i -> i instanceof MethodInsnNode call && call.owner.endsWith("/Hooks"));
  }

  @Test
  void lookupInWhatMayBeAnApplicationsMapIsPolledFor() {
    assertThat(rewritten("mayMakeWhatItIsAskedFor", Rewriting.everything(null)).instructions)
        .anyMatch(i -> i instanceof MethodInsnNode call && call.name.equals("poll"));
  }

  @Test
  void loopBetweenAnExceptionsMakingAndItsThrowingIsPolled() throws Throwable {
    var few = record(() -> call("madeEarly", 10)).size();
    var many = record(() -> call("madeEarly", 1000)).size();
    assertThat(many).isGreaterThan(few + 100);
  }

  @Test
  void arithmeticLoopStaysAsItIs() {
    var method = rewritten("arithmetic", Rewriting.everything("query"));
    assertThat(method.instructions).noneMatch(MethodInsnNode.class::isInstance);
    assertThat(method.tryCatchBlocks).isEmpty();
  }

  @Test
  void ruleWithoutEngineGatesForWhoeverCalls() throws Throwable {
    var gating = new Rewriting(Rewriting.everything(null)).load(Arrayed.class);
    var method = gating.getMethod("references", int.class);
    var target = gating.getConstructor().newInstance();
    assertThat(record(() -> method.invoke(target, 10))).isEmpty();
    var events =
        record(
            () -> {
              int token = Hooks.enter(Rewriting.WAL);
              method.invoke(target, 10);
              Hooks.exit(token);
            });
    assertThat(events)
        .containsExactly(
            "enter 2", "gate 8", "gate 40", "gate 40", "back to -1", "end in -1");
  }

  private List<Long> gates(String method, Object... arguments) throws Throwable {
    return record(() -> call(method, arguments)).stream()
        .filter(event -> event.startsWith("gate "))
        .map(event -> Long.parseLong(event.substring(5)))
        .toList();
  }

  private static MethodNode rewritten(String name, ScopeRules rules) {
    var node = new ClassNode();
    var file = Rewriting.bytesOf(Arrayed.class);
    var result = new Rewriting(rules).rewrite(null, Arrayed.class.getName(), file);
    new ClassReader(result).accept(node, 0);
    return node.methods.stream().filter(m -> m.name.equals(name)).findFirst().orElseThrow();
  }

  private Object call(String name, Object... arguments) throws Throwable {
    for (var method : arrayed.getMethods()) {
      if (method.getName().equals(name)) {
        try {
          return method.invoke(arrayed.getConstructor().newInstance(), arguments);
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }
    }
    throw new AssertionError(name);
  }
}
