package io.nodedb.mem.instrument;

import java.util.BitSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.MethodNode;

/**
 * Walks a class and writes it anew, method by method.
 *
 * <p>Frames are carried over and extended, never computed: computing them would ask for common
 * superclasses and so load classes in the middle of a class load.
 */
final class ClassRewriter extends ClassVisitor {
  /** Finds the scope of a method, and takes what is to be reported of one. */
  interface Plan {
    /** The scope, null for none. */
    ResolvedScope scope(MethodNode method, boolean mayAllocate);

    /** Whether another class polls by itself. */
    boolean polls(String internalName);

    /** Lines of the source that only clean up. */
    void cleansUp(int[] lines);

    /** A method stays as it is. */
    void skipped(MethodNode method, String reason);
  }

  private final Plan plan;
  private final int referenceShift;
  private final BitSet cleanups = new BitSet();
  private MethodRewriter methods;
  private boolean changed;

  private ClassRewriter(ClassWriter writer, Plan plan, int referenceShift) {
    super(Opcodes.ASM9, writer);
    this.plan = plan;
    this.referenceShift = referenceShift;
  }

  /**
   * Rewrites a class.
   *
   * @param reader the class
   * @param plan what its methods get
   * @param referenceShift log2 of the size of a reference in an array
   * @return the class file, or null if nothing changed
   */
  static byte[] rewrite(ClassReader reader, Plan plan, int referenceShift) {
    var writer = new NoLoadingWriter(reader);
    var rewriter = new ClassRewriter(writer, plan, referenceShift);
    reader.accept(rewriter, ClassReader.EXPAND_FRAMES);
    if (!rewriter.changed) {
      return null;
    }
    if (!rewriter.cleanups.isEmpty()) {
      plan.cleansUp(rewriter.cleanups.stream().toArray());
    }
    return writer.toByteArray();
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      String signature,
      String superName,
      String[] interfaces) {
    super.visit(version, access, name, signature, superName, interfaces);
    var calls = new ForeignCalls(owner -> owner.equals(name) || plan.polls(owner));
    methods = new MethodRewriter(name, version & 0xffff, referenceShift, new Polls(calls));
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    var target = cv;
    return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, exceptions) {
      @Override
      public void visitEnd() {
        rewrite(this);
        accept(target);
      }
    };
  }

  private void rewrite(MethodNode method) {
    if ((method.access & Opcodes.ACC_BRIDGE) != 0) {
      return;
    }
    if (!MethodRewriter.hasCode(method.access)) {
      plan.scope(method, false);
      return;
    }
    CleanupLines.find(method, cleanups);
    var mayAllocate = MethodTraits.mayAllocate(method);
    var scope = plan.scope(method, mayAllocate);
    try {
      changed |= methods.rewrite(method, mayAllocate, scope);
    } catch (Unscopable e) {
      plan.skipped(method, e.getMessage());
    }
  }

  /** Never asked for a common superclass; if it were, it must not load one. */
  private static final class NoLoadingWriter extends ClassWriter {
    NoLoadingWriter(ClassReader reader) {
      super(reader, COMPUTE_MAXS);
    }

    @Override
    protected String getCommonSuperClass(String type1, String type2) {
      throw new IllegalStateException("common superclass of " + type1 + " and " + type2);
    }
  }
}
