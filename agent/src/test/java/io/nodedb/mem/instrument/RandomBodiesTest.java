package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Random bodies do after rewriting what they did before, and leave every scope they enter. */
class RandomBodiesTest {
  private static final int BODIES = 80;
  private static final int INPUTS = 24;

  @Test
  void rewrittenBodiesBehaveTheSameAndBalance() throws Throwable {
    for (int seed = 0; seed < BODIES; seed++) {
      var file = assemble(seed);
      var plain = outcomes(new Rewriting().load(Assembled.NAME, file));
      var rewriting = new Rewriting(Rewriting.everything("query"));
      var rewritten = new ArrayList<String>();
      var type = rewriting.load(Assembled.NAME, file);
      var events = RecordingRuntime.record(() -> rewritten.addAll(outcomes(type)));
      assertThat(rewritten).as("seed %d", seed).isEqualTo(plain);
      assertThat(events).as("seed %d", seed).endsWith("end in -1");
      assertThat(events).filteredOn("enter 1"::equals).as("seed %d", seed).hasSize(INPUTS);
      assertThat(events).filteredOn("back to -1"::equals).as("seed %d", seed).hasSize(INPUTS);
      assertThat(rewriting.lines).isEmpty();
    }
  }

  private static byte[] assemble(int seed) {
    var random = new Random(seed);
    return Assembled.withFrames(Opcodes.V17)
        .method("body", "(I)I", code -> new Body(code, random).write())
        .file();
  }

  private static List<String> outcomes(Class<?> type) throws ReflectiveOperationException {
    Method method = type.getMethod("body", int.class);
    var outcomes = new ArrayList<String>();
    for (int input = 0; input < INPUTS; input++) {
      try {
        outcomes.add(method.invoke(null, input * 5).toString());
      } catch (InvocationTargetException e) {
        outcomes.add(e.getCause().getClass().getName());
      }
    }
    return outcomes;
  }

  /** Writes one body around an int in local 0. */
  private static final class Body {
    private final MethodVisitor code;
    private final Random random;
    private int nextLocal = 1;

    Body(MethodVisitor code, Random random) {
      this.code = code;
      this.random = random;
    }

    void write() {
      allocate(); // so that every body gets a scope
      block(3);
      load();
      code.visitInsn(Opcodes.IRETURN);
    }

    private void block(int depth) {
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        switch (random.nextInt(depth == 0 ? 4 : 8)) {
          case 0 -> code.visitIincInsn(0, random.nextInt(-9, 10));
          case 1, 2 -> allocate();
          case 3 -> leave();
          case 4 -> loop(depth);
          case 5 -> choose(depth);
          default -> guard(depth);
        }
      }
    }

    /** Adds the length of some array, whose size follows from local 0. */
    private void allocate() {
      load();
      masked(15);
      switch (random.nextInt(4)) {
        case 0 -> code.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_LONG);
        case 1 -> {
          code.visitInsn(Opcodes.ICONST_2);
          code.visitMultiANewArrayInsn("[[I", 2);
        }
        case 2 -> {
          code.visitTypeInsn(Opcodes.ANEWARRAY, "java/lang/String");
          call("[Ljava/lang/String;", "clone", "()Ljava/lang/Object;", Opcodes.INVOKEVIRTUAL);
          code.visitTypeInsn(Opcodes.CHECKCAST, "[Ljava/lang/String;");
        }
        default -> {
          code.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_BYTE);
          code.visitInsn(Opcodes.ICONST_0);
          code.visitIntInsn(Opcodes.BIPUSH, random.nextInt(40));
          call("java/util/Arrays", "copyOfRange", "([BII)[B", Opcodes.INVOKESTATIC);
        }
      }
      code.visitInsn(Opcodes.ARRAYLENGTH);
      load();
      code.visitIntInsn(Opcodes.BIPUSH, 31);
      code.visitInsn(Opcodes.IMUL);
      code.visitInsn(Opcodes.IADD);
      code.visitVarInsn(Opcodes.ISTORE, 0);
    }

    /** Returns or throws for some values. */
    private void leave() {
      var stay = new Label();
      load();
      masked(7);
      code.visitInsn(Opcodes.ICONST_0 + random.nextInt(6));
      code.visitJumpInsn(Opcodes.IF_ICMPNE, stay);
      if (random.nextBoolean()) {
        Assembled.throwState(code);
      } else {
        load();
        code.visitInsn(Opcodes.IRETURN);
      }
      code.visitLabel(stay);
    }

    private void loop(int depth) {
      int counter = nextLocal++;
      var top = new Label();
      code.visitInsn(Opcodes.ICONST_0 + random.nextInt(1, 4));
      code.visitVarInsn(Opcodes.ISTORE, counter);
      code.visitLabel(top);
      block(depth - 1);
      code.visitIincInsn(counter, -1);
      code.visitVarInsn(Opcodes.ILOAD, counter);
      code.visitJumpInsn(Opcodes.IFGT, top);
      nextLocal--;
    }

    private void choose(int depth) {
      var labels = new Label[] {new Label(), new Label(), new Label()};
      var end = new Label();
      load();
      masked(3);
      code.visitTableSwitchInsn(0, 1, labels[2], labels[0], labels[1]);
      for (var label : labels) {
        code.visitLabel(label);
        block(depth - 1);
        code.visitJumpInsn(Opcodes.GOTO, end);
      }
      code.visitLabel(end);
    }

    private void guard(int depth) {
      var start = new Label();
      var end = new Label();
      var handler = new Label();
      var after = new Label();
      code.visitTryCatchBlock(
          start, end, handler, random.nextBoolean() ? "java/lang/IllegalStateException" : null);
      code.visitLabel(start);
      block(depth - 1);
      code.visitIincInsn(0, 1);
      code.visitLabel(end);
      code.visitJumpInsn(Opcodes.GOTO, after);
      code.visitLabel(handler);
      code.visitVarInsn(Opcodes.ASTORE, nextLocal); // a slot that loops use for an int
      code.visitIincInsn(0, 3);
      code.visitLabel(after);
    }

    private void load() {
      code.visitVarInsn(Opcodes.ILOAD, 0);
    }

    private void masked(int mask) {
      code.visitIntInsn(Opcodes.BIPUSH, mask);
      code.visitInsn(Opcodes.IAND);
    }

    private void call(String owner, String name, String descriptor, int opcode) {
      code.visitMethodInsn(opcode, owner, name, descriptor, false);
    }
  }
}
