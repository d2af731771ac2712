package io.nodedb.mem.instrument;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.MethodNode;

/**
 * Looks at a class, method by method, and writes anew what changes; all else is copied as it is,
 * which is most of it and spares the writer to take it apart.
 *
 * <p>Frames and the sizes of stack and locals are carried over and extended, never computed: frames
 * would ask for common superclasses and so load classes in the middle of a class load. They stay
 * compressed, each the difference to the one before, in methods whose locals stay the same: polls and
 * gates need no more.
 * To expand or compute, ASM reads descriptors again and again, character by character.
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

  private final ClassReader reader;
  private final Plan plan;
  private final int referenceShift;
  private final BitSet cleanups = new BitSet();
  private final Map<String, MethodNode> changed = new HashMap<>();
  private MethodRewriter methods;

  private ClassRewriter(ClassReader reader, Plan plan, int referenceShift) {
    super(Opcodes.ASM9);
    this.reader = reader;
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
    var rewriter = new ClassRewriter(reader, plan, referenceShift);
    reader.accept(rewriter, 0);
    if (rewriter.changed.isEmpty()) {
      return null;
    }
    if (!rewriter.cleanups.isEmpty()) {
      plan.cleansUp(rewriter.cleanups.stream().toArray());
    }
    return rewriter.write();
  }

  private byte[] write() {
    var writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            var method = changed.get(name + descriptor);
            if (method == null) {
              // Straight from this reader to its writer: copied without being parsed.
              return super.visitMethod(access, name, descriptor, signature, exceptions);
            }
            method.accept(writer);
            return null;
          }
        },
        0);
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
    var calls = new ForeignCalls(owner -> owner.equals(name) || plan.polls(owner));
    methods = new MethodRewriter(name, version & 0xffff, referenceShift, new Polls(calls));
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, exceptions) {
      @Override
      public void visitEnd() {
        rewrite(this);
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
    var code = scope == null ? method : expanded(method);
    try {
      if (methods.rewrite(code, mayAllocate, scope)) {
        changed.put(code.name + code.desc, code);
      }
    } catch (Unscopable e) {
      plan.skipped(method, e.getMessage());
    }
  }

  /** The method once more, with frames that say all: a scope's token is one more local in each. */
  private MethodNode expanded(MethodNode method) {
    var code =
        new MethodNode(
            Opcodes.ASM9,
            method.access,
            method.name,
            method.desc,
            method.signature,
            method.exceptions.toArray(new String[0]));
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            return name.equals(method.name) && descriptor.equals(method.desc) ? code : null;
          }
        },
        ClassReader.EXPAND_FRAMES);
    return code;
  }
}
