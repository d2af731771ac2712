package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.Hooks;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Rewrites a fixed list of JDK classes: executors and virtual threads, so that scopes follow work to
 * other threads ({@link JdkTasks}), and collections, so that their growth is checked before it happens
 * ({@link JdkGrowth}). Most are loaded long before the agent and so are retransformed, which adds no
 * field and no method; the others are rewritten when they are loaded.
 *
 * <p>A class in which a place to change is not found, in a JDK newer than this one, stays as it is and
 * is reported; the JVM starts all the same. Thread-safe.
 */
public final class JdkTransformer implements ClassFileTransformer {
  /** Slots that no call with its arguments needs more of, on top of what is on the stack. */
  private static final int MOST_PUSHED = 4;

  private final int referenceShift;
  private final Reporter reporter;

  /**
   * A transformer.
   *
   * @param referenceShift log2 of the size of a reference in an array
   * @param reporter told of classes that stay as they are
   */
  public JdkTransformer(int referenceShift, Reporter reporter) {
    this.referenceShift = referenceShift;
    this.reporter = reporter;
  }

  /**
   * Rewrites what is loaded, and from now on what is loaded later.
   *
   * @param instrumentation the JVM's
   */
  public void install(Instrumentation instrumentation) {
    Hooks.layout(referenceShift);
    instrumentation.addTransformer(this, true);
    var loaded = new ArrayList<Class<?>>();
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (type.getClassLoader() == null && isTarget(type.getName().replace('.', '/'))) {
        loaded.add(type);
      }
    }
    try {
      instrumentation.retransformClasses(loaded.toArray(Class<?>[]::new));
    } catch (Throwable t) { // Whatever the JVM has against it, the application must start.
      reporter.uninstrumented(
          "list java.util, java.util.concurrent", null, "the JVM refuses to change it: " + t);
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
    if (loader != null || className == null || !isTarget(className)) {
      return null;
    }
    int token = Hooks.SAME;
    try {
      token = Hooks.enter(Hooks.NONE);
      return rewrite(classfileBuffer);
    } catch (Throwable t) { // A class of the JDK must load.
      reporter.uninstrumented(
          className.replace('/', '.'),
          null,
          t instanceof Unscopable u ? u.getMessage() : t.toString());
      return null;
    } finally {
      Hooks.exit(token);
    }
  }

  static boolean isTarget(String internalName) {
    return internalName.startsWith("java/")
        && (JdkTasks.isTarget(internalName) || JdkGrowth.isTarget(internalName));
  }

  /**
   * Rewrites a class of the list.
   *
   * @param file its class file
   * @return the new class file, or null if there is nothing to change in it
   */
  byte[] rewrite(byte[] file) {
    var reader = new ClassReader(file);
    // Methods that pass from this reader straight to its writer are copied without being parsed.
    var writer = new ClassWriter(reader, 0);
    var rewriter = new Rewriter(writer);
    // Only a token, which is one more local, has frames change.
    var frames = JdkTasks.isTarget(reader.getClassName()) ? ClassReader.EXPAND_FRAMES : 0;
    reader.accept(rewriter, frames);
    if (rewriter.changed) {
      return writer.toByteArray();
    }
    if (JdkTasks.isOptional(reader.getClassName())) {
      return null;
    }
    throw new Unscopable("this JDK's class is another than the agent knows");
  }

  /** Takes apart the methods that may change. */
  private final class Rewriter extends ClassVisitor {
    /** Name and fields; in class files these come before the methods. */
    private final ClassNode type = new ClassNode();

    private boolean changed;

    Rewriter(ClassWriter writer) {
      super(Opcodes.ASM9, writer);
    }

    @Override
    public void visit(
        int version,
        int access,
        String name,
        String signature,
        String superName,
        String[] interfaces) {
      type.visit(version, access, name, signature, superName, interfaces);
      super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public FieldVisitor visitField(
        int access, String name, String descriptor, String signature, Object value) {
      type.visitField(access, name, descriptor, signature, value);
      return super.visitField(access, name, descriptor, signature, value);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      var next = super.visitMethod(access, name, descriptor, signature, exceptions);
      var tasks = JdkTasks.isTarget(type.name);
      if (!MethodRewriter.hasCode(access)
          || !(tasks ? JdkTasks.mayChange(type.name, name) : JdkGrowth.mayChange(type.name, name))) {
        return next;
      }
      return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, exceptions) {
        @Override
        public void visitEnd() {
          if (tasks
              ? JdkTasks.rewrite(type, this)
              : JdkGrowth.rewrite(type, this, referenceShift)) {
            changed = true;
            maxStack += MOST_PUSHED;
          }
          accept(next);
        }
      };
    }
  }
}
