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
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * Plans polls: after the first {@code new} of each basic block but for what is thrown, and on behalf
 * of calls of code that does not poll by itself at the method's entry and before the backward jumps
 * of loops around them. So no allocation is further from a poll than one turn of a loop, and what
 * only calls code that polls, or computes, costs nothing: a poll in each method and each loop cost a
 * graph search a fifth of its speed.
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
    var failing = failing(code, targets);
    var left = leftBefore(code, failing);
    var polled = entered;
    if (!entered && left[code.size()] > 0) {
      edits.before(code.getFirst(), HookCalls.poll());
      polled = true;
    }
    for (int i = 0; i < code.size(); i++) {
      var instruction = code.get(i);
      if (targets.contains(instruction)) {
        polled = false;
      }
      if (instruction.getOpcode() == Opcodes.NEW && !polled && !failing.get(i)) {
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
    int made = -1;
    for (int i = 0; i < code.size(); i++) {
      var instruction = code.get(i);
      if (targets.contains(instruction) || !labels(instruction).isEmpty()) {
        start = i;
      }
      if (instruction instanceof TypeInsnNode type && isThrowable(type) && made < 0) {
        made = i;
      } else if (Surround.isReturn(instruction)) {
        made = -1;
      } else if (instruction.getOpcode() == Opcodes.ATHROW) {
        failing.set(made >= 0 && staysWithin(code, made, i) ? Math.min(made, start) : start, i);
        made = -1;
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

  private static boolean isThrowable(TypeInsnNode type) {
    return type.getOpcode() == Opcodes.NEW
        && (type.desc.endsWith("Exception") || type.desc.endsWith("Error"));
  }

  /** Whether what is made is thrown whichever way its message takes. */
  private static boolean staysWithin(InsnList code, int made, int thrown) {
    for (int i = made; i < thrown; i++) {
      for (var label : labels(code.get(i))) {
        int target = code.indexOf(label);
        if (target < i || target > thrown) {
          return false;
        }
      }
    }
    return true;
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
