package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;

/**
 * Plans polls: after the first {@code new} of each basic block, and on behalf of calls of code that
 * does not poll by itself at the method's entry and before the backward jumps of loops around them.
 * So no allocation is further from a poll than one turn of a loop, and what only calls code that
 * polls, or computes, costs nothing. A poll is a volatile read, around which the JIT keeps no field in
 * a register: one in each method and each loop cost a graph search a fifth of its speed.
 *
 * <p>There is none before the calls themselves. What is refused there would be lost: the call may be
 * the {@code unlock} of a {@code finally}, or stand between a {@code lock} and its {@code try}.
 *
 * <p>A poll comes after a NEW, not before: stack map frames name an uninitialized object by the
 * offset of its NEW, so the label there must stay on it. Before a jump it stands behind the jump's
 * operands and leaves them where they are. Arrays have gates, which poll.
 */
final class Polls {
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
    var targets = targets(method);
    var left = leftBefore(code, failing(code, targets));
    if (!entered && left[code.size()] > 0) {
      edits.before(code.getFirst(), HookCalls.poll());
    }
    var polled = entered;
    for (int i = 0; i < code.size(); i++) {
      var instruction = code.get(i);
      if (targets.contains(instruction)) {
        polled = false;
      }
      if (instruction.getOpcode() == Opcodes.NEW && !polled) {
        edits.after(instruction, HookCalls.poll());
        polled = true;
      }
      var labels = labels(instruction);
      if (!labels.isEmpty()) {
        polled = false;
        int target = labels.stream().mapToInt(code::indexOf).min().getAsInt();
        if (target < i && left[i] > left[target]) {
          edits.before(instruction, HookCalls.poll());
        }
      }
    }
  }

  /** Number of calls that leave, before each instruction; those that end in an exception apart. */
  private int[] leftBefore(InsnList code, BitSet failing) {
    var before = new int[code.size() + 1];
    for (int i = 0; i < code.size(); i++) {
      before[i + 1] = before[i] + (!failing.get(i) && leaves.test(code.get(i)) ? 1 : 0);
    }
    return before;
  }

  /**
   * Code that builds an exception, and assertions: neither runs often where it counts, and each is in
   * the middle of methods that do.
   */
  private static BitSet failing(InsnList code, Set<AbstractInsnNode> targets) {
    var failing = new BitSet();
    int start = 0;
    for (int i = 0; i < code.size(); i++) {
      var instruction = code.get(i);
      if (targets.contains(instruction) || !labels(instruction).isEmpty()) {
        start = i;
      } else if (instruction.getOpcode() == Opcodes.ATHROW) {
        failing.set(start, i);
      }
      if (instruction instanceof FieldInsnNode field
          && field.name.equals("$assertionsDisabled")
          && field.getNext() instanceof JumpInsnNode jump
          && jump.getOpcode() == Opcodes.IFNE
          && code.indexOf(jump.label) > i) {
        failing.set(i, code.indexOf(jump.label));
      }
    }
    return failing;
  }

  /** Where an instruction may jump to. */
  private static List<LabelNode> labels(AbstractInsnNode instruction) {
    return switch (instruction) {
      case JumpInsnNode jump -> List.of(jump.label);
      case TableSwitchInsnNode table -> with(table.labels, table.dflt);
      case LookupSwitchInsnNode lookup -> with(lookup.labels, lookup.dflt);
      default -> List.of();
    };
  }

  private static List<LabelNode> with(List<LabelNode> labels, LabelNode last) {
    var all = new ArrayList<>(labels);
    all.add(last);
    return all;
  }

  /** Where control comes from elsewhere. */
  private static Set<AbstractInsnNode> targets(MethodNode method) {
    var targets = new HashSet<AbstractInsnNode>();
    for (var instruction : method.instructions) {
      targets.addAll(labels(instruction));
    }
    for (var block : method.tryCatchBlocks) {
      targets.add(block.handler);
    }
    return targets;
  }
}
