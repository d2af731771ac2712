package io.nodedb.mem.instrument;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/** What an original method does that matters here. */
final class MethodTraits {
  /** Number of calls and allocations before each instruction. */
  private final int[] workBefore;

  private final boolean mayAllocate;

  MethodTraits(MethodNode method) {
    workBefore = new int[method.instructions.size() + 1];
    var beyondObjectConstructor = false;
    for (int i = 0; i < method.instructions.size(); i++) {
      var instruction = method.instructions.get(i);
      var works = isCall(instruction) || isAllocation(instruction);
      workBefore[i + 1] = workBefore[i] + (works ? 1 : 0);
      beyondObjectConstructor |= works && !isObjectConstructor(instruction);
    }
    mayAllocate = beyondObjectConstructor;
  }

  /**
   * Whether it calls or allocates anything. What does neither allocates nothing but the exceptions
   * that the JVM throws by itself, and needs neither scope nor poll. The call of {@code
   * Object.<init>} does not count, so that constructors which only set fields stay as they are.
   */
  boolean mayAllocate() {
    return mayAllocate;
  }

  /** Whether there is a call or an allocation between two instructions, both included. */
  boolean worksBetween(int from, int to) {
    return workBefore[to + 1] > workBefore[from];
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
