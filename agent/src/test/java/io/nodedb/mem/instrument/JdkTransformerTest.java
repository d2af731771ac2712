package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.util.CheckClassAdapter;

/** The JDK's classes, rewritten: the JVM does not verify those of the boot loader by itself. */
class JdkTransformerTest {
  private static final int REFERENCE_SHIFT = 2;

  static List<String> targets() throws IOException {
    Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
    try (Stream<Path> files = Files.walk(base.resolve("java"))) {
      return files
          .map(file -> base.relativize(file).toString())
          .filter(name -> name.endsWith(".class"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .filter(JdkTransformer::isTarget)
          .sorted()
          .toList();
    }
  }

  @Test
  void everyClassOfTheListIsThere() throws IOException {
    assertThat(targets())
        .contains(
            "java/util/HashMap",
            "java/util/concurrent/ThreadPoolExecutor$DiscardOldestPolicy",
            "java/util/concurrent/CompletableFuture$UniApply")
        .hasSizeGreaterThan(40);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void rewrittenClassPassesTheVerifierAndCallsHooks(String name) throws IOException {
    byte[] original = read(name);
    byte[] rewritten =
        new JdkTransformer(REFERENCE_SHIFT, new LineReporter(line -> {})).rewrite(original);
    if (rewritten == null) {
      assertThat(JdkTasks.isOptional(name)).isTrue();
      return;
    }
    StringWriter problems = new StringWriter();
    CheckClassAdapter.verify(new ClassReader(rewritten), false, new PrintWriter(problems));
    assertThat(problems.toString()).isEmpty();
    assertThat(hookCalls(original)).isZero();
    assertThat(hookCalls(rewritten)).isPositive();
    assertThat(members(rewritten)).isEqualTo(members(original));
  }

  private static byte[] read(String name) throws IOException {
    try (var in = Object.class.getResourceAsStream("/" + name + ".class")) {
      return in.readAllBytes();
    }
  }

  private static int hookCalls(byte[] file) {
    AtomicInteger calls = new AtomicInteger();
    new ClassReader(file)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String desc, String signature, String[] exceptions) {
                return new MethodVisitor(Opcodes.ASM9) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String called, String d, boolean isInterface) {
                    if (owner.startsWith("io/nodedb/")) {
                      calls.incrementAndGet();
                    }
                  }
                };
              }
            },
            0);
    return calls.get();
  }

  /** A retransformation may add none and remove none. */
  private static List<String> members(byte[] file) {
    var type = new org.objectweb.asm.tree.ClassNode();
    new ClassReader(file).accept(type, ClassReader.SKIP_CODE);
    return Stream.concat(
            type.methods.stream().map(m -> m.access + m.name + m.desc),
            type.fields.stream().map(f -> f.access + f.name + f.desc))
        .toList();
  }
}
