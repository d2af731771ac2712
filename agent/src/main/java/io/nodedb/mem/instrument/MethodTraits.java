package io.nodedb.mem.instrument;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/** What an original method does that matters here. */
final class MethodTraits {
  private MethodTraits() {}

  /**
   * Whether it calls or allocates anything. What does neither allocates nothing but the exceptions
   * that the JVM throws by itself, and needs no scope. The call of {@code Object.<init>} does not
   * count, so that constructors which only set fields stay as they are.
   */
  static boolean mayAllocate(MethodNode method) {
    for (var instruction : method.instructions) {
      if (isAllocation(instruction) || isCall(instruction) && !isObjectConstructor(instruction)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isCall(AbstractInsnNode instruction) {
    int opcode = instruction.getOpcode();
    return opcode >= Opcodes.INVOKEVIRTUAL && opcode <= Opcodes.INVOKEDYNAMIC;
  }

  private static boolean isAllocation(AbstractInsnNode instruction) {
    return switch (instruction.getOpcode()) {
      case Opcodes.NEW, Opcodes.NEWARRAY, Opcodes.ANEWARRAY, Opcodes.MULTIANEWARRAY -> true;
      default -> false;
    };
  }

  private static boolean isObjectConstructor(AbstractInsnNode instruction) {
    return instruction instanceof MethodInsnNode call
        && call.getOpcode() == Opcodes.INVOKESPECIAL
        && call.owner.equals("java/lang/Object")
        && call.name.equals("<init>");
  }
}
