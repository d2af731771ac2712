package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of one region: their names, and the few ways they are opened. Files are made readable
 * by their owner only; symbolic links are refused, in the directory's path as well as in it.
 * Stateless but for the directory; thread-safe.
 */
final class RegionFiles {
  private static final String TEMPORARY = ".tmp";

  /** The region's directory, absolute. */
  final Path directory;

  RegionFiles(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
    for (Path p = this.directory; p != null; p = p.getParent()) {
      if (Files.isSymbolicLink(p)) {
        throw new OverflowException(
            "overflow: " + p + " is a symbolic link (in the path of region " + this.directory
                + "); use the path it leads to");
      }
    }
  }

  /** Makes the directory, mode 0700, if it does not exist; parents must. */
  void createDirectory() throws IOException {
    try {
      Files.createDirectories(directory.getParent());
      Files.createDirectory(directory, mode("rwx------"));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw new OverflowException(
            "overflow: " + directory + " is not a directory; choose another place", e);
      }
    }
  }

  Path lock() {
    return directory.resolve("LOCK");
  }

  Path readers() {
    return directory.resolve("READERS");
  }

  Path superblock() {
    return directory.resolve(SuperblockLayout.FILE);
  }

  Path manifest() {
    return directory.resolve(ManifestLayout.FILE);
  }

  Path data(long generation) {
    return directory.resolve("data-" + generation);
  }

  Path checkpoint(long sequence) {
    return directory.resolve("checkpoint-" + sequence);
  }

  Path log(long number) {
    return directory.resolve("log-" + number);
  }

  /** The numbers of the files named {@code prefix-number}. */
  List<Long> numbers(String prefix) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (Path path : list()) {
      String name = path.getFileName().toString();
      if (name.matches(prefix + "-\\d{1,18}")) {
        numbers.add(Long.parseLong(name.substring(prefix.length() + 1)));
      }
    }
    numbers.sort(null);
    return numbers;
  }

  List<Path> list() throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.sorted().toList();
    }
  }

  /** Deletes what a crash left half made. */
  void deleteTemporary() throws IOException {
    for (Path path : list()) {
      if (path.getFileName().toString().endsWith(TEMPORARY)) {
        Files.delete(path);
      }
    }
  }

  /** Opens a file for reading and writing, making it if it does not exist. */
  FileChannel openOrCreate(Path path) throws IOException {
    refuseLink(path);
    return FileChannel.open(
        path,
        Set.of(
            StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE,
            LinkOption.NOFOLLOW_LINKS),
        mode("rw-------"));
  }

  /** Opens a file that exists. */
  FileChannel open(Path path, OpenOption option) throws IOException {
    refuseLink(path);
    try {
      return FileChannel.open(path, StandardOpenOption.READ, option, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      DamageException damage = new DamageException(path, 0, "the file is missing");
      damage.initCause(e);
      throw damage;
    }
  }

  /** Where a file is built before it gets its name. */
  Path temporary(Path path) {
    return path.resolveSibling(path.getFileName() + TEMPORARY);
  }

  /** Makes an empty file to be {@linkplain #publish published} under a name later. */
  FileChannel createTemporary(Path path) throws IOException {
    Path temporary = temporary(path);
    Files.deleteIfExists(temporary);
    return FileChannel.open(
        temporary,
        Set.of(
            StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW,
            LinkOption.NOFOLLOW_LINKS),
        mode("rw-------"));
  }

  /** Gives a forced temporary file its name; the name is durable when this returns. */
  void publish(Path path) throws IOException {
    Files.move(temporary(path), path, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory();
  }

  /** Makes a small file as a whole, durably. */
  void replace(Path path, ByteBuffer content) throws IOException {
    try (FileChannel channel = createTemporary(path)) {
      writeFully(channel, content, 0);
      channel.force(true);
    }
    publish(path);
  }

  void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Reads a whole small file, at most {@code most} bytes. */
  ByteBuffer read(Path path, int most) throws IOException {
    try (FileChannel channel = open(path, StandardOpenOption.READ)) {
      int size = (int) Math.min(channel.size(), most);
      return readFully(channel, 0, size, path, "file");
    }
  }

  /** Reads a range into a new little-endian buffer, position 0, limit size. */
  static ByteBuffer readFully(FileChannel channel, long offset, int size, Path path, String what)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    if (!readInto(channel, buffer, offset)) {
      throw new DamageException(
          path, offset,
          what + " ends after " + channel.size() + " bytes instead of " + (offset + size));
    }
    return buffer.flip();
  }

  /** Fills a buffer's remaining space; false if the file ends before. */
  static boolean readInto(FileChannel channel, ByteBuffer buffer, long offset)
      throws IOException {
    long at = offset;
    while (buffer.hasRemaining()) {
      int n = channel.read(buffer, at);
      if (n < 0) {
        return false;
      }
      at += n;
    }
    return true;
  }

  static void writeFully(FileChannel channel, ByteBuffer buffer, long offset) throws IOException {
    long at = offset;
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
  }

  private static void refuseLink(Path path) {
    if (Files.isSymbolicLink(path)) {
      throw new OverflowException(
          "overflow: " + path + " is a symbolic link; a region's files must be its own");
    }
  }

  private FileAttribute<?>[] mode(String permissions) {
    if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }

  /** Turns an I/O failure into the exception callers know. */
  OverflowException failed(String what, IOException e) {
    String detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String remedy =
        detail.contains("No space") || detail.contains("quota")
            ? "; free disk space and try again"
            : "; check the disk and the directory's permissions";
    return new OverflowException(
        "overflow: " + what + " failed in region " + directory + ": " + detail + remedy, e);
  }
}
