package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.PlatformBeans;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import java.security.ProtectionDomain;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Has {@code ManagementFactory} call {@link PlatformBeans} where the platform's bean server is asked for.
 * Apart from {@link JdkTransformer}, as it does not wait for a scope. Thread-safe.
 */
public final class BeanServerTransformer implements ClassFileTransformer {
  private static final String TARGET = "java/lang/management/ManagementFactory";
  private static final String HOOKS = "io/nodedb/mem/hook/PlatformBeans";

  private final Reporter reporter;
  private volatile boolean rewritten;

  /**
   * A transformer.
   *
   * @param reporter told if the class stays as it is
   */
  public BeanServerTransformer(Reporter reporter) {
    this.reporter = reporter;
  }

  /**
   * Rewrites the class, now and whenever it is retransformed.
   *
   * @param instrumentation the JVM's
   */
  public void install(Instrumentation instrumentation) {
    try {
      instrumentation.addTransformer(this, true);
      instrumentation.retransformClasses(ManagementFactory.class);
      if (rewritten) {
        PlatformBeans.called();
      }
    } catch (Throwable t) { // Whatever the JVM has against it, there is another way.
      report("the JVM refuses to change it: " + t);
    }
  }

  @Override
  public byte[] transform(
      Module module,
      ClassLoader loader,
      String className,
      Class<?> classBeingRedefined,
      ProtectionDomain protectionDomain,
      byte[] classfileBuffer) {
    if (loader != null || !TARGET.equals(className)) {
      return null;
    }
    int token = Hooks.SAME;
    try {
      token = Hooks.enter(Hooks.NONE);
      var file = rewrite(classfileBuffer);
      rewritten = true;
      return file;
    } catch (Throwable t) { // A class of the JDK must load.
      report(t instanceof Unscopable u ? u.getMessage() : t.toString());
      return null;
    } finally {
      Hooks.exit(token);
    }
  }

  /** The class file with a call before each return of the method. */
  static byte[] rewrite(byte[] file) {
    var reader = new ClassReader(file);
    var writer = new ClassWriter(reader, 0);
    var calls = new int[1];
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            var next = super.visitMethod(access, name, descriptor, signature, exceptions);
            if (!name.equals("getPlatformMBeanServer")) {
              return next;
            }
            return new MethodVisitor(Opcodes.ASM9, next) {
              @Override
              public void visitInsn(int opcode) {
                if (opcode == Opcodes.ARETURN) {
                  super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, "asked", "()V", false);
                  calls[0]++;
                }
                super.visitInsn(opcode);
              }
            };
          }
        },
        0);
    if (calls[0] == 0) {
      throw new Unscopable("this JDK's class is another than the agent knows");
    }
    return writer.toByteArray();
  }

  private void report(String reason) {
    reporter.uninstrumented(TARGET.replace('/', '.'), null, reason);
  }
}
