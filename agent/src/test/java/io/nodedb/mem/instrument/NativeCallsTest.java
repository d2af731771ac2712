package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.NativeHooks;
import io.nodedb.mem.hook.NativeRuntime;
import io.nodedb.mem.hook.SegmentHooks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodInsnNode;

class NativeCallsTest {
  private final List<String> calls = new ArrayList<>();
  private final Rewriting rewriting = new Rewriting(Rewriting.everything("query"));
  private final Class<?> offHeap = rewriting.load(OffHeap.class);
  private boolean refusing;

  @BeforeEach
  void install() {
    NativeRuntime runtime =
        (NativeRuntime)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {NativeRuntime.class},
                (proxy, method, arguments) -> answer(method.getName(), arguments));
    NativeHooks.install(() -> runtime);
  }

  @AfterEach
  void uninstall() {
    NativeHooks.install(null);
  }

  private Object answer(String name, Object[] arguments) {
    calls.add(
        name
            + Stream.of(arguments)
                .filter(Number.class::isInstance)
                .map(Object::toString)
                .collect(Collectors.joining(",", "(", ")")));
    if (refusing) {
      throw new RecordingRuntime.Refused();
    }
    return switch (name) {
      case "allocateDirect" -> ByteBuffer.allocateDirect((int) arguments[1]);
      case "ofConfined", "ofShared", "ofAuto" -> Arena.ofAuto();
      case "governed" ->
          (SegmentAllocator)
              (size, alignment) -> {
                calls.add("allocate(" + size + ")");
                return ((SegmentAllocator) arguments[1]).allocate(size, alignment);
              };
      case "map" -> arguments.length == 5 ? null : MemorySegment.NULL;
      case "allocateMemory", "reallocateMemory" -> 7L;
      case "pin" -> 41;
      default -> null;
    };
  }

  @Test
  void directBuffersAreTheHooks() throws Throwable {
    RecordingRuntime.record(() -> call("buffers", 100));
    assertThat(calls).containsExactly("allocateDirect(1,100)", "allocateDirect(1,101)");
  }

  @Test
  void arenasAreTheHooks() throws Throwable {
    RecordingRuntime.record(() -> call("arenas"));
    assertThat(calls)
        .containsExactly("ofConfined(1)", "ofShared(1)", "ofAuto(1)", "ofAuto(1)");
  }

  @Test
  void allocationsOnArenasAndAllocatorsAreTheHooks() throws Throwable {
    try (Arena arena = Arena.ofShared()) {
      RecordingRuntime.record(() -> call("allocations", arena));
    }
    assertThat(calls).filteredOn("governed(1)"::equals).hasSize(8);
    assertThat(calls)
        .filteredOn(c -> c.startsWith("allocate("))
        .containsExactly(
            "allocate(10)", "allocate(20)", "allocate(4)", "allocate(24)", "allocate(5)",
            "allocate(8)", "allocate(12)", "allocate(30)");
  }

  @Test
  void everyOverloadOfTheJdkHasAHook() {
    assertThat(missing(Arena.class)).isEmpty();
    assertThat(missing(SegmentAllocator.class)).isEmpty();
  }

  /** An overload of a later JDK, or one forgotten, would pass uncharged. */
  private static List<String> missing(Class<?> type) {
    Set<String> hooks = Stream.of(SegmentHooks.class.getMethods())
        .map(m -> m.getName() + Type.getMethodDescriptor(m))
        .collect(Collectors.toSet());
    return Stream.of(type.getMethods())
        .filter(m -> m.getName().startsWith("allocate") && !m.isBridge())
        .map(m -> m.getName() + "(" + Type.getDescriptor(SegmentAllocator.class)
            + Type.getMethodDescriptor(m).substring(1))
        .filter(signature -> !hooks.contains(signature))
        .toList();
  }

  @Test
  void filesAreMappedThroughTheHooks() throws Throwable {
    RecordingRuntime.record(() -> call("maps", (Object) null));
    assertThat(calls).containsExactly("map(1,0,10)", "map(1,10,20)");
  }

  @Test
  void unsafeMemoryGoesThroughTheHooks() throws Throwable {
    var type = rewriting.load("UnsafeUser", unsafeUser());
    var use = type.getMethod("use", Class.forName("sun.misc.Unsafe"));
    RecordingRuntime.record(() -> assertThat(use.invoke(null, (Object) null)).isEqualTo(7L));
    assertThat(calls)
        .containsExactly("allocateMemory(1,100)", "reallocateMemory(1,7,200)", "freeMemory(7)");
  }

  /** Assembled, as the compiler warns of {@code Unsafe} and cannot be told not to. */
  private static byte[] unsafeUser() {
    var unsafe = "sun/misc/Unsafe";
    var writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(
        Opcodes.V25, Opcodes.ACC_PUBLIC, "UnsafeUser", null, "java/lang/Object", null);
    var use =
        writer.visitMethod(
            Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "use", "(Lsun/misc/Unsafe;)J", null, null);
    use.visitCode();
    use.visitVarInsn(Opcodes.ALOAD, 0);
    use.visitInsn(Opcodes.DUP);
    use.visitLdcInsn(100L);
    use.visitMethodInsn(Opcodes.INVOKEVIRTUAL, unsafe, "allocateMemory", "(J)J", false);
    use.visitLdcInsn(200L);
    use.visitMethodInsn(Opcodes.INVOKEVIRTUAL, unsafe, "reallocateMemory", "(JJ)J", false);
    use.visitInsn(Opcodes.DUP2);
    use.visitVarInsn(Opcodes.LSTORE, 1);
    use.visitVarInsn(Opcodes.ALOAD, 0);
    use.visitVarInsn(Opcodes.LLOAD, 1);
    use.visitMethodInsn(Opcodes.INVOKEVIRTUAL, unsafe, "freeMemory", "(J)V", false);
    use.visitInsn(Opcodes.LRETURN);
    use.visitMaxs(0, 0);
    use.visitEnd();
    writer.visitEnd();
    return writer.toByteArray();
  }

  @Test
  void refusalReachesTheCallerAndLeavesTheScope() throws Throwable {
    refusing = true;
    var events =
        RecordingRuntime.record(
            () ->
                assertThatThrownBy(() -> call("buffers", 100))
                    .isInstanceOf(RecordingRuntime.Refused.class));
    assertThat(events).endsWith("back to -1", "end in -1");
    assertThat(calls).hasSize(1);
  }

  @Test
  void constructorMayAllocateForItsSuperclass() throws Throwable {
    RecordingRuntime.record(
        () -> {
          int token = Hooks.enter(Rewriting.WAL);
          var made =
              rewriting.load(OffHeap.class).getClassLoader()
                  .loadClass(OffHeap.class.getName() + "$Sub")
                  .getConstructor(int.class)
                  .newInstance(5);
          Hooks.exit(token);
          assertThat(made).isNotNull();
        });
    assertThat(calls).containsExactly("allocateDirect(2,5)");
  }

  @Test
  void classInitializerKeepsTheJdksCalls() {
    assertThat(callsIn("<clinit>")).contains("java/nio/ByteBuffer.allocateDirect");
    assertThat(callsIn("buffers")).doesNotContain("java/nio/ByteBuffer.allocateDirect");
  }

  @Test
  void otherCallsOfTheSameTypesStay() {
    assertThat(callsIn("other"))
        .contains("java/nio/ByteBuffer.allocate", "java/lang/foreign/Arena.scope")
        .noneMatch(owner -> owner.contains("Hooks.allocate"));
  }

  @Test
  void pinSpansTheBodyAndEndsWithIt() throws Throwable {
    var pinned = new Rewriting().load(Pinned.class);
    var target = pinned.getConstructor().newInstance();
    calls.clear();
    var events =
        RecordingRuntime.record(() -> invoke(pinned, target, "work", 3));
    int work = method("work(I)Ljava/lang/Object;");
    assertThat(calls)
        .containsExactly("pin(1," + work + ")", "allocateDirect(1,3)", "unpin(1," + work + ",41)");
    assertThat(events).startsWith("enter 1").endsWith("back to -1", "end in -1");
  }

  @Test
  void exceptionUnpins() throws Throwable {
    var pinned = new Rewriting().load(Pinned.class);
    var target = pinned.getConstructor().newInstance();
    calls.clear();
    RecordingRuntime.record(
        () ->
            assertThatThrownBy(() -> invoke(pinned, target, "work", -1))
                .isInstanceOf(IllegalArgumentException.class));
    int work = method("work(I)Ljava/lang/Object;");
    assertThat(calls).containsExactly("pin(1," + work + ")", "unpin(1," + work + ",41)");
  }

  @Test
  void pinThatFailsIsNotUndoneAndLeavesTheScope() throws Throwable {
    var pinned = new Rewriting().load(Pinned.class);
    var target = pinned.getConstructor().newInstance();
    calls.clear();
    refusing = true;
    var events =
        RecordingRuntime.record(
            () ->
                assertThatThrownBy(() -> invoke(pinned, target, "work", 1))
                    .isInstanceOf(RecordingRuntime.Refused.class));
    assertThat(calls).containsExactly("pin(1," + method("work(I)Ljava/lang/Object;") + ")");
    assertThat(events).endsWith("back to -1", "end in -1");
  }

  @Test
  void constructorPinsOnceItsSuperclassIsMade() throws Throwable {
    var pinned = new Rewriting().load(Pinned.class);
    RecordingRuntime.record(() -> pinned.getConstructor(int[].class).newInstance(new int[9]));
    int made = method("<init>([I)V");
    assertThat(calls)
        .containsExactly("pin(1," + made + ")", "allocateDirect(1,9)", "unpin(1," + made + ",41)");
  }

  @Test
  void scratchLocalsAreNotTheTokens() throws Throwable {
    var pinned = new Rewriting().load(Pinned.class);
    var target = pinned.getConstructor().newInstance();
    calls.clear();
    RecordingRuntime.record(
        () ->
            assertThat((int[][]) invoke(pinned, target, "table", 4)).hasDimensions(4, 4));
    int table = method("table(I)Ljava/lang/Object;");
    assertThat(calls).containsExactly("pin(1," + table + ")", "unpin(1," + table + ",41)");
  }

  /** What a method of {@link Pinned} is told apart by. */
  private static int method(String nameAndDescriptor) {
    return NativeHooks.method("io/nodedb/mem/instrument/Pinned." + nameAndDescriptor);
  }

  private List<String> callsIn(String name) {
    var node = new ClassNode();
    var file = Rewriting.bytesOf(OffHeap.class);
    new ClassReader(rewriting.rewrite(null, OffHeap.class.getName(), file)).accept(node, 0);
    var method = node.methods.stream().filter(m -> m.name.equals(name)).findFirst().orElseThrow();
    return Arrays.stream(method.instructions.toArray())
        .filter(MethodInsnNode.class::isInstance)
        .map(MethodInsnNode.class::cast)
        .map(call -> call.owner + "." + call.name)
        .toList();
  }

  private Object call(String name, Object... arguments) throws Throwable {
    return invoke(offHeap, offHeap.getConstructor().newInstance(), name, arguments);
  }

  private static Object invoke(Class<?> type, Object target, String name, Object... arguments)
      throws Throwable {
    for (var method : type.getMethods()) {
      if (method.getName().equals(name)) {
        try {
          return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }
    }
    throw new AssertionError(name);
  }
}
