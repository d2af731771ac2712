package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.NativeHooks;
import io.nodedb.mem.hook.SegmentHooks;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Redirects the JDK's calls for native memory to {@link NativeHooks} and {@link SegmentHooks}.
 *
 * <p>One call becomes another that takes what lies on the stack and leaves what the first left
 * there, so neither frames nor anything planned for the method change, and code never grows. Which
 * calls there are is asked of the hooks. A call through {@code super} stays, as does one whose
 * receiver is declared as a subtype.
 *
 * <p>Of method references those of static methods are redirected. Lambda metafactories want a
 * captured receiver to be of the very type that a static method declares.
 */
final class NativeCalls {
  private static final String BUFFER = "java/nio/ByteBuffer";
  private static final String CHANNEL = "java/nio/channels/FileChannel";
  private static final String ARENA = "java/lang/foreign/Arena";
  private static final String ALLOCATOR = "java/lang/foreign/SegmentAllocator";
  private static final String UNSAFE = "sun/misc/Unsafe";
  private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";

  private NativeCalls() {}

  /** The hooks' signatures, read when first a class is seen that makes such a call. */
  private static final class Known {
    static final Set<String> NATIVE = signatures(NativeHooks.class);
    static final Set<String> SEGMENT = signatures(SegmentHooks.class);

    private static Set<String> signatures(Class<?> hooks) {
      var signatures = new HashSet<String>();
      for (var method : hooks.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          signatures.add(method.getName() + Type.getMethodDescriptor(method));
        }
      }
      return signatures;
    }
  }

  /**
   * Redirects what a method calls.
   *
   * @param method the method; its instructions stay the same objects
   * @return whether there was anything
   */
  static boolean redirect(MethodNode method) {
    var any = false;
    for (var instruction : method.instructions) {
      if (instruction instanceof MethodInsnNode call) {
        any |= redirect(call);
      } else if (instruction instanceof InvokeDynamicInsnNode call
          && call.bsm.getOwner().equals(METAFACTORY)) {
        any |= redirectReferences(call.bsmArgs);
      }
    }
    return any;
  }

  private static boolean redirect(MethodInsnNode call) {
    var receiver = receiver(call.getOpcode(), call.owner);
    if (receiver == null) {
      return false;
    }
    var descriptor = "(" + receiver + call.desc.substring(1);
    var hooks = hooks(receiver, call.name + descriptor);
    if (hooks == null) {
      return false;
    }
    call.setOpcode(Opcodes.INVOKESTATIC);
    call.owner = hooks;
    call.desc = descriptor;
    call.itf = false;
    return true;
  }

  private static boolean redirectReferences(Object[] arguments) {
    var any = false;
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof Handle handle && handle.getTag() == Opcodes.H_INVOKESTATIC) {
        var receiver = receiver(Opcodes.INVOKESTATIC, handle.getOwner());
        var hooks =
            receiver == null ? null : hooks(receiver, handle.getName() + handle.getDesc());
        if (hooks != null) {
          arguments[i] =
              new Handle(
                  Opcodes.H_INVOKESTATIC, hooks, handle.getName(), handle.getDesc(), false);
          any = true;
        }
      }
    }
    return any;
  }

  /** What a hook declares in place of the receiver: nothing for a static call; null if no hook. */
  private static String receiver(int opcode, String owner) {
    return switch (owner) {
      case BUFFER -> opcode == Opcodes.INVOKESTATIC ? "" : null;
      case CHANNEL -> opcode == Opcodes.INVOKEVIRTUAL ? "L" + CHANNEL + ";" : null;
      case UNSAFE -> opcode == Opcodes.INVOKEVIRTUAL ? "Ljava/lang/Object;" : null;
      case ARENA, ALLOCATOR ->
          switch (opcode) {
            case Opcodes.INVOKESTATIC -> "";
            case Opcodes.INVOKEINTERFACE -> "L" + ALLOCATOR + ";";
            default -> null;
          };
      default -> null;
    };
  }

  private static String hooks(String receiver, String signature) {
    if (receiver.contains(ALLOCATOR)) {
      return Known.SEGMENT.contains(signature) ? Type.getInternalName(SegmentHooks.class) : null;
    }
    return Known.NATIVE.contains(signature) ? Type.getInternalName(NativeHooks.class) : null;
  }
}
