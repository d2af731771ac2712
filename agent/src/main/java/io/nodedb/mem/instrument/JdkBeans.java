package io.nodedb.mem.instrument;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/** The call of {@code PlatformBeans} where the platform's bean server is asked for. */
final class JdkBeans {
  private static final String HOOKS = "io/nodedb/mem/hook/PlatformBeans";

  private JdkBeans() {}

  static boolean isTarget(String internalName) {
    return internalName.equals("java/lang/management/ManagementFactory");
  }

  /** Whether a method is worth taking apart. */
  static boolean mayChange(String method) {
    return method.equals("getPlatformMBeanServer");
  }

  /**
   * Rewrites one method.
   *
   * @return whether it changed
   */
  static boolean rewrite(MethodNode method) {
    boolean changed = false;
    for (var instruction : method.instructions.toArray()) {
      if (Surround.isReturn(instruction)) {
        method.instructions.insertBefore(
            instruction, new MethodInsnNode(Opcodes.INVOKESTATIC, HOOKS, "asked", "()V", false));
        changed = true;
      }
    }
    return changed;
  }
}
