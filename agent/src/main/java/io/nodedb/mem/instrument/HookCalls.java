package io.nodedb.mem.instrument;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/** The calls of the hooks that are not in place of others, and their constants, as instructions. */
final class HookCalls {
  static final String HOOKS = "io/nodedb/mem/hook/Hooks";
  private static final String NATIVE = "io/nodedb/mem/hook/NativeHooks";

  private HookCalls() {}

  static AbstractInsnNode enter() {
    return call("enter", "(I)I");
  }

  static AbstractInsnNode enterSite() {
    return call("enterSite", "(I)I");
  }

  static AbstractInsnNode exit() {
    return call("exit", "(I)V");
  }

  static AbstractInsnNode poll() {
    return call("poll", "()V");
  }

  static AbstractInsnNode gate() {
    return call("gate", "(II)V");
  }

  static AbstractInsnNode gateBytes() {
    return call("gateBytes", "(J)V");
  }

  static AbstractInsnNode times() {
    return call("times", "(JI)J");
  }

  static AbstractInsnNode pin() {
    return new MethodInsnNode(Opcodes.INVOKESTATIC, NATIVE, "pin", "(I)I", false);
  }

  static AbstractInsnNode unpin() {
    return new MethodInsnNode(Opcodes.INVOKESTATIC, NATIVE, "unpin", "(II)V", false);
  }

  /** The shortest instruction that pushes an int. */
  static AbstractInsnNode push(int value) {
    if (value >= -1 && value <= 5) {
      return new InsnNode(Opcodes.ICONST_0 + value);
    }
    if (value == (byte) value) {
      return new IntInsnNode(Opcodes.BIPUSH, value);
    }
    if (value == (short) value) {
      return new IntInsnNode(Opcodes.SIPUSH, value);
    }
    return new LdcInsnNode(value);
  }

  private static AbstractInsnNode call(String name, String descriptor) {
    return new MethodInsnNode(Opcodes.INVOKESTATIC, HOOKS, name, descriptor, false);
  }
}
