package io.nodedb.mem.instrument;

import static io.nodedb.mem.instrument.Assembled.INTERNAL;
import static io.nodedb.mem.instrument.Assembled.NAME;
import static io.nodedb.mem.instrument.Assembled.pushEngine;
import static io.nodedb.mem.instrument.Assembled.throwState;
import static io.nodedb.mem.instrument.RecordingRuntime.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

class OddShapesTest {
  private final Rewriting rewriting = new Rewriting(Rewriting.everything("query"));

  @Test
  void argumentSlotsReusedForOtherTypes() throws Throwable {
    // The int in slot 0 becomes a long over slots 0 and 1, past the arguments; 1 held a String.
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method(
                    "odd",
                    "(ILjava/lang/String;)I",
                    code -> {
                      code.visitLdcInsn(7L);
                      code.visitVarInsn(Opcodes.LSTORE, 1);
                      code.visitLdcInsn("now a string");
                      code.visitVarInsn(Opcodes.ASTORE, 0);
                      var top = new Label();
                      code.visitLabel(top);
                      code.visitVarInsn(Opcodes.LLOAD, 1);
                      code.visitInsn(Opcodes.LCONST_1);
                      code.visitInsn(Opcodes.LSUB);
                      code.visitInsn(Opcodes.DUP2);
                      code.visitVarInsn(Opcodes.LSTORE, 1);
                      code.visitInsn(Opcodes.LCONST_0);
                      code.visitInsn(Opcodes.LCMP);
                      code.visitJumpInsn(Opcodes.IFGT, top);
                      code.visitVarInsn(Opcodes.ALOAD, 0);
                      code.visitMethodInsn(
                          Opcodes.INVOKEVIRTUAL, "java/lang/String", "length", "()I", false);
                      code.visitInsn(Opcodes.POP);
                      pushEngine(code);
                      code.visitInsn(Opcodes.IRETURN);
                    }));
    var method = type.getMethod("odd", int.class, String.class);
    assertBalanced(record(() -> assertThat(method.invoke(null, 1, "x")).isEqualTo(1)), 1);
  }

  @Test
  void handlerOverTheWholeMethodKeepsItsPlace() throws Throwable {
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method("odd", "()I", OddShapesTest::catchesEverything));
    var method = type.getMethod("odd");
    assertBalanced(record(() -> assertThat(method.invoke(null)).isEqualTo(1)), 1);
  }

  private static void catchesEverything(MethodVisitor code) {
    var start = new Label();
    var end = new Label();
    code.visitTryCatchBlock(start, end, end, null);
    code.visitLabel(start);
    throwState(code);
    code.visitLabel(end);
    code.visitInsn(Opcodes.POP);
    pushEngine(code);
    code.visitInsn(Opcodes.IRETURN);
  }

  @Test
  void loopToTheFirstInstructionEntersOnce() throws Throwable {
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method(
                    "odd",
                    "(I)I",
                    code -> {
                      var top = new Label();
                      code.visitLabel(top);
                      code.visitIincInsn(0, -1);
                      code.visitMethodInsn(
                          Opcodes.INVOKESTATIC, "java/lang/Thread", "yield", "()V", false);
                      pushEngine(code);
                      code.visitVarInsn(Opcodes.ILOAD, 0);
                      var out = new Label();
                      code.visitJumpInsn(Opcodes.IFEQ, out);
                      code.visitInsn(Opcodes.POP);
                      code.visitJumpInsn(Opcodes.GOTO, top);
                      code.visitLabel(out);
                      code.visitInsn(Opcodes.IRETURN);
                    }));
    var method = type.getMethod("odd", int.class);
    var events = record(() -> assertThat(method.invoke(null, 5)).isEqualTo(1));
    assertBalanced(events, 1);
    assertThat(events).filteredOn("poll"::equals).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {Opcodes.V1_2, Opcodes.V1_4, Opcodes.V1_5, Opcodes.V1_6})
  void versionsWithoutFrames(int version) throws Throwable {
    var type =
        load(
            Assembled.withoutFrames(version)
                .method("odd", "()I", OddShapesTest::catchesEverything)
                .method(
                    "fails",
                    "(I)V",
                    code -> {
                      var other = new Label();
                      code.visitVarInsn(Opcodes.ILOAD, 0);
                      code.visitJumpInsn(Opcodes.IFEQ, other);
                      throwState(code);
                      code.visitLabel(other);
                      code.visitInsn(Opcodes.RETURN);
                    }));
    var odd = type.getMethod("odd");
    var fails = type.getMethod("fails", int.class);
    var events =
        record(
            () -> {
              assertThat(odd.invoke(null)).isEqualTo(1);
              assertThatThrownBy(() -> fails.invoke(null, 1))
                  .isInstanceOf(InvocationTargetException.class);
              fails.invoke(null, 0);
            });
    assertBalanced(events, 3);
  }

  @Test
  void subroutinesOfOldCompilers() throws Throwable {
    var type =
        load(
            Assembled.withoutFrames(Opcodes.V1_4)
                .method(
                    "odd",
                    "(I)I",
                    code -> {
                      var subroutine = new Label();
                      code.visitJumpInsn(Opcodes.JSR, subroutine);
                      code.visitJumpInsn(Opcodes.JSR, subroutine);
                      pushEngine(code);
                      code.visitVarInsn(Opcodes.ILOAD, 0);
                      code.visitInsn(Opcodes.IADD);
                      code.visitInsn(Opcodes.IRETURN);
                      code.visitLabel(subroutine);
                      code.visitVarInsn(Opcodes.ASTORE, 1);
                      code.visitIincInsn(0, 10);
                      pushEngine(code);
                      code.visitInsn(Opcodes.POP);
                      code.visitVarInsn(Opcodes.RET, 1);
                    }));
    var method = type.getMethod("odd", int.class);
    assertBalanced(record(() -> assertThat(method.invoke(null, 1)).isEqualTo(22)), 1);
  }

  @Test
  void constructorThatBranchesAndBuildsItsOwnKindBeforeThis() throws Throwable {
    // <init>(Z): this(flag ? new Odd() : null, new Odd()), laid out with the call in two places.
    var type = load(branchingConstructors());
    var method = type.getConstructor(boolean.class);
    var seen = type.getField("seen");
    for (var flag : new boolean[] {true, false}) {
      var events = record(() -> assertThat(seen.get(method.newInstance(flag))).isEqualTo(1));
      assertThat(events).endsWith("back to -1", "end in -1");
      assertThat(events).filteredOn("enter 1"::equals).hasSize(1);
    }
  }

  private static Assembled branchingConstructors() {
    return Assembled.withFrames(Opcodes.V17)
        .field("seen", "I")
        .constructor(
            "()V",
            code -> {
              code.visitVarInsn(Opcodes.ALOAD, 0);
              init(code, "java/lang/Object", "()V");
              code.visitInsn(Opcodes.RETURN);
            })
        .constructor(
            "(L" + INTERNAL + ";)V",
            code -> {
              code.visitVarInsn(Opcodes.ALOAD, 0);
              init(code, "java/lang/Object", "()V");
              code.visitInsn(Opcodes.RETURN);
            })
        .constructor(
            "(Z)V",
            code -> {
              var other = new Label();
              var join = new Label();
              code.visitVarInsn(Opcodes.ALOAD, 0); // a copy of this, below the arguments
              code.visitVarInsn(Opcodes.ASTORE, 2);
              code.visitVarInsn(Opcodes.ILOAD, 1);
              code.visitJumpInsn(Opcodes.IFEQ, other);
              code.visitVarInsn(Opcodes.ALOAD, 2);
              code.visitTypeInsn(Opcodes.NEW, INTERNAL);
              code.visitInsn(Opcodes.DUP);
              init(code, INTERNAL, "()V");
              init(code, INTERNAL, "(L" + INTERNAL + ";)V");
              code.visitJumpInsn(Opcodes.GOTO, join);
              code.visitLabel(other);
              code.visitVarInsn(Opcodes.ALOAD, 2);
              init(code, INTERNAL, "()V");
              code.visitLabel(join);
              code.visitVarInsn(Opcodes.ALOAD, 0);
              pushEngine(code);
              code.visitFieldInsn(Opcodes.PUTFIELD, INTERNAL, "seen", "I");
              code.visitInsn(Opcodes.RETURN);
            });
  }

  @Test
  void constructorThatAlwaysThrowsBeforeSuperIsLeft() throws Throwable {
    var type =
        load(
            Assembled.withFrames(Opcodes.V17).constructor("()V", Assembled::throwState));
    var constructor = type.getConstructor();
    var events =
        record(
            () ->
                assertThatThrownBy(constructor::newInstance)
                    .hasCauseInstanceOf(IllegalStateException.class));
    assertThat(events).isEmpty();
  }

  @Test
  void largestLocalIsNoObstacle() throws Throwable {
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method(
                    "odd",
                    "()I",
                    code -> {
                      pushEngine(code);
                      code.visitVarInsn(Opcodes.ISTORE, 300);
                      code.visitVarInsn(Opcodes.ILOAD, 300);
                      code.visitInsn(Opcodes.IRETURN);
                    }));
    var method = type.getMethod("odd");
    assertBalanced(record(() -> assertThat(method.invoke(null)).isEqualTo(1)), 1);
  }

  @Test
  void methodWithoutRoomForAScopeIsLeftAndReported() throws Throwable {
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method("huge", "()I", code -> calls(code, 16_383 - 100))
                .method("small", "()I", code -> calls(code, 0)));
    assertThat(rewriting.lines)
        .singleElement()
        .asString()
        .contains("method assembled.Odd.huge()I stays uninstrumented", "too large");
    var huge = type.getMethod("huge");
    var small = type.getMethod("small");
    assertThat(record(() -> assertThat(huge.invoke(null)).isEqualTo(-1))).isEmpty();
    assertBalanced(record(() -> assertThat(small.invoke(null)).isEqualTo(1)), 1);
  }

  @Test
  void methodThatHotSpotCompilesStaysCompilable() throws Throwable {
    // 7,922 bytes: room for a scope below 8,000, not for forty gates of five bytes.
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method(
                    "long",
                    "()I",
                    code -> {
                      for (int i = 0; i < 40; i++) {
                        code.visitInsn(Opcodes.ICONST_0);
                        code.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_INT);
                        code.visitInsn(Opcodes.POP);
                      }
                      calls(code, (7922 - 40 * 4 - 4) / 4);
                    }));
    var events = record(() -> type.getMethod("long").invoke(null));
    assertThat(events).containsExactly("enter 1", "back to -1", "end in -1");
    assertThat(rewriting.lines).isEmpty();
  }

  @Test
  void farJumpsAreWidened() throws Throwable {
    // A branch over 32,700 bytes that gates push past what a short jump can reach.
    var type =
        load(
            Assembled.withFrames(Opcodes.V17)
                .method(
                    "odd",
                    "(I)I",
                    code -> {
                      var end = new Label();
                      code.visitVarInsn(Opcodes.ILOAD, 0);
                      code.visitJumpInsn(Opcodes.IFEQ, end);
                      for (int i = 0; i < 32_700 / 8; i++) {
                        code.visitInsn(Opcodes.ICONST_0);
                        code.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_INT);
                        code.visitInsn(Opcodes.POP);
                        for (int j = 0; j < 4; j++) {
                          code.visitInsn(Opcodes.NOP);
                        }
                      }
                      code.visitLabel(end);
                      pushEngine(code);
                      code.visitInsn(Opcodes.IRETURN);
                    }));
    var method = type.getMethod("odd", int.class);
    assertBalanced(record(() -> assertThat(method.invoke(null, 0)).isEqualTo(1)), 1);
    var events = record(() -> assertThat(method.invoke(null, 1)).isEqualTo(1));
    assertThat(events).filteredOn("poll"::equals).hasSize(1 + 32_700 / 8);
  }

  /** That many calls, four bytes each, then one whose result is returned. */
  private static void calls(MethodVisitor code, int count) {
    for (int i = 0; i < count; i++) {
      pushEngine(code);
      code.visitInsn(Opcodes.POP);
    }
    pushEngine(code);
    code.visitInsn(Opcodes.IRETURN);
  }

  private static void init(MethodVisitor code, String owner, String descriptor) {
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, owner, "<init>", descriptor, false);
  }

  private Class<?> load(Assembled assembled) {
    return rewriting.load(NAME, assembled.file());
  }

  private static void assertBalanced(List<String> events, int scopes) {
    assertThat(events).filteredOn("enter 1"::equals).hasSize(scopes);
    assertThat(events).filteredOn("back to -1"::equals).hasSize(scopes);
    assertThat(events).endsWith("end in -1");
  }
}
