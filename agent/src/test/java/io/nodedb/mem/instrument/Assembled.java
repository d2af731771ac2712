package io.nodedb.mem.instrument;

import java.util.function.Consumer;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Classes that no compiler here would write, put together by hand. */
final class Assembled {
  static final String NAME = "assembled.Odd";
  static final String INTERNAL = "assembled/Odd";

  private final ClassWriter writer;

  private Assembled(int version, int flags) {
    writer = new ClassWriter(flags);
    writer.visit(version, Opcodes.ACC_PUBLIC, INTERNAL, null, "java/lang/Object", null);
  }

  /** A class whose frames ASM computes. */
  static Assembled withFrames(int version) {
    return new Assembled(version, ClassWriter.COMPUTE_FRAMES);
  }

  /** A class of a version that has none. */
  static Assembled withoutFrames(int version) {
    return new Assembled(version, ClassWriter.COMPUTE_MAXS);
  }

  Assembled method(String name, String descriptor, Consumer<MethodVisitor> code) {
    return member(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, name, descriptor, code);
  }

  Assembled constructor(String descriptor, Consumer<MethodVisitor> code) {
    return member(Opcodes.ACC_PUBLIC, "<init>", descriptor, code);
  }

  Assembled field(String name, String descriptor) {
    writer.visitField(Opcodes.ACC_PUBLIC, name, descriptor, null, null).visitEnd();
    return this;
  }

  private Assembled member(
      int access, String name, String descriptor, Consumer<MethodVisitor> code) {
    var method = writer.visitMethod(access, name, descriptor, null, null);
    method.visitCode();
    code.accept(method);
    method.visitMaxs(0, 0);
    method.visitEnd();
    return this;
  }

  byte[] file() {
    writer.visitEnd();
    return writer.toByteArray();
  }

  /** Pushes the engine that the thread is in. */
  static void pushEngine(MethodVisitor code) {
    code.visitMethodInsn(
        Opcodes.INVOKESTATIC,
        RecordingRuntime.class.getName().replace('.', '/'),
        "engine",
        "()I",
        false);
  }

  /** Throws an exception, to be caught somewhere. */
  static void throwState(MethodVisitor code) {
    code.visitTypeInsn(Opcodes.NEW, "java/lang/IllegalStateException");
    code.visitInsn(Opcodes.DUP);
    code.visitMethodInsn(
        Opcodes.INVOKESPECIAL, "java/lang/IllegalStateException", "<init>", "()V", false);
    code.visitInsn(Opcodes.ATHROW);
  }
}
