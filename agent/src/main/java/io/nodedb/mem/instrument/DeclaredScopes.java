package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.config.Sizes;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** What {@code @EngineBudget} says in one class, read without looking at any code. */
final class DeclaredScopes {
  static final String ANNOTATION = "Lio/nodedb/mem/EngineBudget;";

  private final Map<String, ScopeSpec> members = new HashMap<>();
  private ScopeSpec type;

  private DeclaredScopes() {}

  static DeclaredScopes none() {
    return new DeclaredScopes();
  }

  /**
   * Reads the annotations.
   *
   * @param reader the class
   * @return the scopes
   * @throws Unscopable if a size cannot be read
   */
  static DeclaredScopes read(ClassReader reader) {
    var declared = new DeclaredScopes();
    reader.accept(
        declared.new TypeVisitor(),
        ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return declared;
  }

  /** Whether anything is annotated. */
  boolean isEmpty() {
    return type == null && members.isEmpty();
  }

  /** The scope on the type, null for none. */
  ScopeSpec type() {
    return type;
  }

  /** The scope on a method or constructor, null for none. */
  ScopeSpec member(String name, String descriptor) {
    return members.get(name + descriptor);
  }

  private final class TypeVisitor extends ClassVisitor {
    TypeVisitor() {
      super(Opcodes.ASM9);
    }

    @Override
    public AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
      return descriptor.equals(ANNOTATION) ? new Values("its type", s -> type = s) : null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      var key = name + descriptor;
      return new MethodVisitor(Opcodes.ASM9) {
        @Override
        public AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
          return annotation.equals(ANNOTATION)
              ? new Values(name, s -> members.put(key, s))
              : null;
        }
      };
    }
  }

  /** Collects the values of one annotation. */
  private static final class Values extends AnnotationVisitor {
    private final String where;
    private final Consumer<ScopeSpec> result;
    private String engine = "";
    private BreachMode mode = BreachMode.INHERIT;
    private String perCall = "";
    private boolean pin;

    Values(String where, Consumer<ScopeSpec> result) {
      super(Opcodes.ASM9);
      this.where = where;
      this.result = result;
    }

    @Override
    public void visit(String name, Object value) {
      switch (name) {
        case "value" -> engine = (String) value;
        case "perCall" -> perCall = (String) value;
        case "pinArena" -> pin = (boolean) value;
        default -> {
          // of a later version of the annotation
        }
      }
    }

    @Override
    public void visitEnum(String name, String descriptor, String value) {
      if (name.equals("mode")) {
        mode = BreachMode.valueOf(value);
      }
    }

    @Override
    public void visitEnd() {
      result.accept(new ScopeSpec(engine, mode, perCall.isEmpty() ? 0 : size(), pin));
    }

    private long size() {
      var text = "@EngineBudget(perCall = \"" + perCall + "\") on " + where + ": ";
      long bytes;
      try {
        bytes = Sizes.parse(perCall);
      } catch (IllegalArgumentException e) {
        throw new Unscopable(text + e.getMessage() + "; write one such as 256MiB", e);
      }
      if (bytes == 0) {
        throw new Unscopable(text + "nothing could be allocated; write one such as 256MiB");
      }
      return bytes;
    }
  }
}
