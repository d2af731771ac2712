package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.CodeSizeEvaluator;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Insertions planned for one method: collected first, so that every decision is made on the method
 * as it was written, then applied together, or dropped if the method would grow too large.
 */
final class Edits {
  private record Edit(AbstractInsnNode anchor, boolean before, InsnList code) {}

  private final List<Edit> edits = new ArrayList<>();
  private int size;
  private int stack;
  private int locals;

  void before(AbstractInsnNode anchor, AbstractInsnNode... code) {
    add(anchor, true, code);
  }

  void after(AbstractInsnNode anchor, AbstractInsnNode... code) {
    add(anchor, false, code);
  }

  private void add(AbstractInsnNode anchor, boolean before, AbstractInsnNode[] code) {
    var list = new InsnList();
    int pushed = 0;
    for (var instruction : code) {
      list.add(instruction);
      pushed += pushes(instruction);
      if (instruction instanceof VarInsnNode local) {
        locals = Math.max(locals, local.var + 1);
      }
    }
    stack = Math.max(stack, pushed);
    var evaluator = new CodeSizeEvaluator(null);
    list.accept(evaluator);
    size += evaluator.getMaxSize();
    edits.add(new Edit(anchor, before, list));
  }

  /** Slots by which the stack grows, for what is inserted; calls take more than they leave. */
  private static int pushes(AbstractInsnNode instruction) {
    return switch (instruction.getOpcode()) {
      case Opcodes.DUP2 -> 2;
      case Opcodes.LDC -> ((LdcInsnNode) instruction).cst instanceof Long ? 2 : 1;
      case Opcodes.SWAP, Opcodes.ISUB, Opcodes.INVOKESTATIC, Opcodes.ISTORE, Opcodes.ASTORE -> 0;
      default -> 1;
    };
  }

  /** Bytes of code they add, at most. */
  int size() {
    return size;
  }

  /**
   * Inserts everything, and makes room on the stack and among the locals: at least what is needed, as
   * each edit leaves the stack as it found it.
   *
   * @param method the method
   * @param region a part of it; code inserted at an instruction of the part joins the part
   */
  void apply(MethodNode method, Set<AbstractInsnNode> region) {
    for (var edit : edits) {
      if (region.contains(edit.anchor)) {
        region.addAll(List.of(edit.code.toArray()));
      }
      if (edit.before) {
        method.instructions.insertBefore(edit.anchor, edit.code);
      } else {
        method.instructions.insert(edit.anchor, edit.code);
      }
    }
    method.maxStack += stack;
    method.maxLocals = Math.max(method.maxLocals, locals);
  }
}
