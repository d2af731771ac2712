package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import io.nodedb.mem.Pin;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that vanish, shrink, fill their disk, may not be written, or are links to elsewhere. */
class MappingFaultsTest {
  private static final long PAGE = LibC.PAGE;

  @TempDir Path dir;
  private final AtomicLong clock = new AtomicLong();
  private final MappingManager manager =
      new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, clock::get);

  @AfterEach
  void close() {
    manager.close();
    assertThat(manager.mappedBytes()).isZero();
  }

  private Pin pin(Path file, long offset, long length, MapMode mode) {
    return manager.pin(file, offset, length, mode, "query", "field");
  }

  private static void refused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MappingException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  /** Lets so much time pass that the next pin looks at the file again. */
  private void later() {
    clock.addAndGet(2 * WindowPool.GRAIN);
    manager.tick();
  }

  @Test
  void vanishedFileIsNamedOnceAndMayBeCreatedAgain() throws IOException {
    Path file = Files.write(dir.resolve("a"), new byte[100]);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    Files.delete(file);
    later();
    refused(Reason.VANISHED, () -> pin(file, 0, 100, MapMode.READ_ONLY));
    refused(Reason.NO_SUCH_FILE, () -> pin(file, 0, 100, MapMode.READ_ONLY));
    pin(file, 0, 100, MapMode.READ_WRITE).close();
  }

  @Test
  void replacedFileIsNamedThenTheNewOneIsServed() throws IOException {
    Path file = Files.write(dir.resolve("a"), new byte[100]);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    Path next = Files.write(dir.resolve("b"), new byte[] {1, 2, 3});
    Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    later();
    refused(Reason.VANISHED, () -> pin(file, 0, 3, MapMode.READ_ONLY));
    try (Pin pin = pin(file, 0, 3, MapMode.READ_ONLY)) {
      assertThat(pin.segment().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void releasedFileMayBeReplacedWithoutAWord() throws IOException {
    Path file = Files.write(dir.resolve("a"), new byte[100]);
    pin(file, 0, 100, MapMode.READ_ONLY).close();
    manager.release(file);
    assertThat(manager.mappedBytes()).isZero();
    Files.delete(file);
    Files.write(file, new byte[] {5});
    try (Pin pin = pin(file, 0, 1, MapMode.READ_ONLY)) {
      assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
    }
  }

  @Test
  void truncatedFileIsRefusedAtThePin() throws IOException {
    Path file = Files.write(dir.resolve("a"), new byte[10 * (int) PAGE]);
    pin(file, 0, 10 * PAGE, MapMode.READ_ONLY).close();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(PAGE);
    }
    later();
    refused(Reason.TRUNCATED, () -> pin(file, 0, 10 * PAGE, MapMode.READ_ONLY));
    pin(file, 0, PAGE, MapMode.READ_ONLY).close();
    Files.write(file, new byte[10 * (int) PAGE]);
    pin(file, 0, 10 * PAGE, MapMode.READ_ONLY).close();
  }

  /** In a JVM of its own, since the point is whether that JVM lives. */
  @Test
  void truncationUnderAPinRaisesInternalErrorAndTheJvmLives() throws Exception {
    Path file = dir.resolve("cut");
    ChildJvm child =
        ChildJvm.run(
            dir.toFile(), TruncationChild.class, List.of("-Xmx64m"), file.toString());
    assertThat(child.output()).contains("errors=20000").contains("alive");
    assertThat(child.exit()).isZero();
  }

  /** In a JVM of its own, which may have 5 GiB of address space. */
  @Test
  void kernelsLimitEvictsThenRefusesUntilPinsAreClosed() throws Exception {
    ChildJvm child =
        ChildJvm.run(
            dir.toFile(), MappingLimitChild.class,
            List.of("sh", "-c", "ulimit -v 5242880; exec \"$@\"", "sh"),
            List.of("-Xmx64m", "-XX:CompressedClassSpaceSize=64m"),
            dir.resolve("sparse").toString());
    assertThat(child.output().lines())
        .containsExactly("evictions=true", "refused=TOO_MANY_MAPPINGS", "live=0", "alive");
    assertThat(child.exit()).isZero();
  }

  @Test
  void symbolicLinkToElsewhereIsRefused(@TempDir Path elsewhere) throws IOException {
    Path secret = Files.write(elsewhere.resolve("secret"), new byte[10]);
    Path region = Files.createDirectory(dir.resolve("region"));
    Files.createSymbolicLink(region.resolve("link"), secret);
    refused(Reason.SYMBOLIC_LINK, () -> pin(region.resolve("link"), 0, 5, MapMode.READ_ONLY));
    refused(Reason.SYMBOLIC_LINK, () -> pin(region.resolve("link"), 0, 50, MapMode.READ_WRITE));
    assertThat(Files.size(secret)).isEqualTo(10);

    manager.addRoot(region);
    Files.createSymbolicLink(region.resolve("sub"), elsewhere);
    refused(
        Reason.SYMBOLIC_LINK, () -> pin(region.resolve("sub/secret"), 0, 5, MapMode.READ_ONLY));
    refused(
        Reason.SYMBOLIC_LINK, () -> pin(region.resolve("sub/new"), 0, 5, MapMode.READ_WRITE));
    assertThat(elsewhere.resolve("new")).doesNotExist();
  }

  @Test
  void withoutOpenat2EveryLinkIsRefused(@TempDir Path elsewhere) throws IOException {
    Files.write(elsewhere.resolve("f"), new byte[10]);
    Files.createDirectories(dir.resolve("x/y"));
    Files.write(dir.resolve("x/y/f"), new byte[10]);
    Files.createSymbolicLink(dir.resolve("x/out"), elsewhere);
    Files.createSymbolicLink(dir.resolve("x/in"), Path.of("y"));
    int root = LibC.open(dir.toString(), LibC.O_PATH | LibC.O_DIRECTORY, 0);
    try {
      int fd = PathOpener.walk(root, dir, Path.of("x/y/f"), LibC.O_RDONLY, 0);
      assertThat(fd).isPositive();
      LibC.close(fd);
      assertThat(PathOpener.walk(root, dir, Path.of("x/out/f"), LibC.O_RDONLY, 0))
          .isEqualTo(-Errno.ELOOP);
      assertThat(PathOpener.walk(root, dir, Path.of("x/in/f"), LibC.O_RDONLY, 0))
          .isEqualTo(-Errno.ELOOP);
      assertThat(PathOpener.walk(root, dir, Path.of("x/none/f"), LibC.O_RDONLY, 0))
          .isEqualTo(-Errno.ENOENT);
    } finally {
      LibC.close(root);
    }
  }

  @Test
  void rangesThatAreNoneAreNotLocked() throws IOException {
    Path file = Files.write(dir.resolve("a"), new byte[100]);
    refused(Reason.OUT_OF_RANGE, () -> manager.lockHot(file, -1, 1, "query", "hot"));
    refused(Reason.OUT_OF_RANGE, () -> manager.lockHot(file, 0, -1, "query", "hot"));
    refused(Reason.OUT_OF_RANGE, () -> manager.lockHot(file, 0, 0, "query", "hot"));
    assertThat(manager.snapshot().lockedBytes()).isZero();
  }

  @Test
  void directoryIsNoFile() {
    assertThatThrownBy(() -> pin(dir, 0, 1, MapMode.READ_ONLY))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("not a regular file");
  }

  @Test
  void fullDiskIsAnExceptionAndTheFileStaysAsItWas() throws Exception {
    Path disk = mount("tmpfs", "-o", "size=1m");
    try {
      Path file = disk.resolve("a");
      try (Pin pin = pin(file, 0, 512 << 10, MapMode.READ_WRITE)) {
        pin.segment().fill((byte) 3);
      }
      Path ballast = disk.resolve("ballast");
      Files.write(ballast, new byte[256 << 10]);
      refused(Reason.DISK_FULL, () -> pin(file, 0, 4 << 20, MapMode.READ_WRITE));
      assertThat(Files.size(file)).isEqualTo(512 << 10);
      try (Pin pin = pin(file, 0, 512 << 10, MapMode.READ_WRITE)) {
        assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, 1000)).isEqualTo((byte) 3);
        pin.segment().fill((byte) 4);
      }
      Files.delete(ballast);
      pin(file, 0, 700 << 10, MapMode.READ_WRITE).close();
      manager.release(file);
    } finally {
      unmount(disk);
    }
  }

  @Test
  void holesOfASparseFileAreFilledBeforeTheyAreMapped() throws Exception {
    Path disk = mount("tmpfs", "-o", "size=1m");
    try {
      Path file = disk.resolve("sparse");
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        channel.write(java.nio.ByteBuffer.allocate(1), 8 << 20);
      }
      refused(Reason.DISK_FULL, () -> pin(file, 0, 4 << 20, MapMode.READ_WRITE));
      pin(file, 0, 4 << 20, MapMode.READ_ONLY).close();
      manager.release(file);
    } finally {
      unmount(disk);
    }
  }

  @Test
  void readOnlyDirectoryRefusesWritingAndServesReading() throws Exception {
    Path source = Files.createDirectory(dir.resolve("source"));
    Files.write(source.resolve("a"), new byte[100]);
    Path disk = mount(source.toString(), "--bind");
    try {
      run("mount", "-o", "remount,ro,bind", disk.toString());
      refused(
          Reason.NOT_PERMITTED, () -> pin(disk.resolve("a"), 0, 10, MapMode.READ_WRITE));
      refused(
          Reason.NOT_PERMITTED, () -> pin(disk.resolve("new"), 0, 10, MapMode.READ_WRITE));
      pin(disk.resolve("a"), 0, 10, MapMode.READ_ONLY).close();
      run("mount", "-o", "remount,rw,bind", disk.toString());
      pin(disk.resolve("a"), 0, 10, MapMode.READ_WRITE).close();
      manager.release(disk.resolve("a"));
    } finally {
      unmount(disk);
    }
  }

  /** Mounts something below the test's directory, or skips the test where that is not permitted. */
  private Path mount(String what, String... options) throws Exception {
    Path point = Files.createDirectory(dir.resolve("mounted"));
    java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of("mount"));
    if (what.equals("tmpfs")) {
      command.addAll(List.of("-t", "tmpfs"));
    }
    command.addAll(List.of(options));
    command.addAll(List.of(what, point.toString()));
    int exit = run(command.toArray(new String[0]));
    if (exit != 0) {
      System.err.println("SKIPPED, mounting is not permitted here: " + command);
    }
    assumeThat(exit).as("mounting needs root").isZero();
    return point;
  }

  private static void unmount(Path point) throws Exception {
    assertThat(run("umount", "-l", point.toString())).isZero();
  }

  private static int run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor();
  }
}
