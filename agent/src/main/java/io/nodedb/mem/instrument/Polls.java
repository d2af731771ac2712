package io.nodedb.mem.instrument;

import java.util.BitSet;
import java.util.function.Predicate;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Plans polls: after a {@code new}, and on behalf of calls of code that does not poll by itself at
 * the method's entry and before the backward jumps of loops. Each way through a method, and each turn
 * of a loop, that allocates or calls such code has a poll; one that has a poll already gets no
 * other, and what only calls code that polls, or computes, costs nothing: a poll in each method and each
 * loop cost a graph search a fifth of its speed.
 *
 * <p>There is none before the calls themselves. What is refused there would be lost: the call may be
 * the {@code unlock} of a {@code finally}, or stand between a {@code lock} and its {@code try}.
 *
 * <p>A poll comes after a NEW, not before: stack map frames name an uninitialized object by the
 * offset of its NEW, so the label there must stay on it. Before a jump it stands behind the jump's
 * operands and leaves them where they are. Arrays have gates, which poll.
 */
final class Polls {
  /**
   * How many instructions may be looked at for the ways of one method, so that no class takes long to
   * load. A method with more, a generated parser say, gets a poll at each place that may need one.
   */
  private static final long MOST_STEPS = 4_000_000;

  private final Predicate<AbstractInsnNode> leaves;

  /**
   * Polls for the methods of one class.
   *
   * @param leaves whether an instruction calls code that allocates and does not poll
   */
  Polls(Predicate<AbstractInsnNode> leaves) {
    this.leaves = leaves;
  }

  /**
   * Plans them for one method.
   *
   * @param method the method
   * @param entered whether there is a poll before its first instruction already
   * @param edits where the plan goes
   */
  void plan(MethodNode method, boolean entered, Edits edits) {
    var code = method.instructions;
    var leaving = where(code, leaves);
    var made = where(code, i -> i.getOpcode() == Opcodes.NEW);
    if (leaving.isEmpty() && made.isEmpty()) {
      return;
    }
    var flow = new ControlFlow(method);
    var failing = failing(code, flow);
    leaving.andNot(failing);
    made.andNot(failing);
    var polled = where(code, AllocationGates::takes);
    var polledOrMade = (BitSet) polled.clone();
    polledOrMade.or(made);
    var firstMet = all(flow, start(), polledOrMade);
    boolean atEntry = !entered && firstMet.intersects(leaving);
    if (atEntry) {
      edits.before(code.getFirst(), HookCalls.poll());
    }
    var back = where(code, i -> flow.jumpsBack(code.indexOf(i)));
    var large = (long) code.size() * (back.cardinality() + made.cardinality()) > MOST_STEPS;
    for (int i = back.nextSetBit(0); i >= 0; i = back.nextSetBit(i + 1)) {
      if (mayLeave(flow, i, leaving, polledOrMade, large)) {
        edits.before(code.get(i), HookCalls.poll());
        polled.set(i);
        polledOrMade.set(i);
      }
    }
    // What comes before relies on a poll at each: one is spared only where others are on its ways.
    for (int i = made.nextSetBit(0); i >= 0; i = made.nextSetBit(i + 1)) {
      boolean first = !entered && !atEntry && firstMet.get(i);
      if (large || first || all(flow, flow.after(i), polled).get(i)) {
        edits.after(code.get(i), HookCalls.poll());
        polled.set(i);
      }
    }
  }

  /** Whether some turn of a loop leaves and comes to its backward jump without a poll. */
  private static boolean mayLeave(
      ControlFlow flow, int jump, BitSet leaving, BitSet polled, boolean large) {
    for (int target : flow.targets(jump)) {
      int next = leaving.nextSetBit(target);
      if (target <= jump && next >= 0 && next < jump) {
        if (large) {
          return true;
        }
        var head = new BitSet();
        head.set(target);
        var left = flow.reached(head, target, jump, polled);
        left.and(leaving);
        if (flow.reached(left, target, jump, polled).get(jump)) {
          return true;
        }
      }
    }
    return false;
  }

  private static BitSet all(ControlFlow flow, BitSet starts, BitSet stops) {
    return flow.reached(starts, 0, Integer.MAX_VALUE, stops);
  }

  private static BitSet start() {
    var first = new BitSet();
    first.set(0);
    return first;
  }

  private static BitSet where(InsnList code, Predicate<AbstractInsnNode> holds) {
    var where = new BitSet(code.size());
    for (int i = 0; i < code.size(); i++) {
      where.set(i, holds.test(code.get(i)));
    }
    return where;
  }

  /**
   * Code that ends in an exception, and assertions: neither runs often where it counts, and each is
   * in the middle of methods that do.
   */
  private static BitSet failing(InsnList code, ControlFlow flow) {
    var failing = flow.goingOn();
    failing.flip(0, code.size());
    for (int i = 0; i < code.size(); i++) {
      if (code.get(i) instanceof FieldInsnNode field
          && field.name.equals("$assertionsDisabled")
          && field.getNext() instanceof JumpInsnNode jump
          && jump.getOpcode() == Opcodes.IFNE
          && code.indexOf(jump.label) > i) {
        failing.set(i, code.indexOf(jump.label));
      }
    }
    return failing;
  }
}
