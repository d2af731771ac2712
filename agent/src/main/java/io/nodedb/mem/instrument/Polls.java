package io.nodedb.mem.instrument;

import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;

/**
 * Plans polls after {@code new} and before the backward jumps of loops that call or allocate.
 *
 * <p>A poll comes after its NEW, not before: stack map frames name an uninitialized object by the
 * offset of its NEW, so the label there must stay on it. Before a jump it stands behind the jump's
 * operands and leaves them where they are. A loop of pure arithmetic gets none, so that the JIT can
 * still vectorize it.
 */
final class Polls {
  private Polls() {}

  static void plan(MethodNode method, MethodTraits traits, Edits edits) {
    var code = method.instructions;
    for (int i = 0; i < code.size(); i++) {
      var instruction = code.get(i);
      if (instruction.getOpcode() == Opcodes.NEW) {
        edits.after(instruction, HookCalls.poll());
      } else {
        int target = earliestTarget(code, instruction);
        if (target < i && traits.worksBetween(target, i)) {
          edits.before(instruction, HookCalls.poll());
        }
      }
    }
  }

  private static int earliestTarget(InsnList code, AbstractInsnNode instruction) {
    return switch (instruction) {
      case JumpInsnNode jump when jump.getOpcode() != Opcodes.JSR -> code.indexOf(jump.label);
      case TableSwitchInsnNode table -> earliest(code, table.labels, table.dflt);
      case LookupSwitchInsnNode lookup -> earliest(code, lookup.labels, lookup.dflt);
      default -> Integer.MAX_VALUE;
    };
  }

  private static int earliest(InsnList code, List<LabelNode> labels, LabelNode last) {
    int earliest = code.indexOf(last);
    for (var label : labels) {
      earliest = Math.min(earliest, code.indexOf(label));
    }
    return earliest;
  }
}
