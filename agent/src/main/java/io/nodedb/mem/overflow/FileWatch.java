package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file as it was when it was opened. What is written to a file that was deleted, or replaced by
 * another, is lost with its descriptor; so whoever acknowledges writes looks first. Thread-safe.
 */
final class FileWatch {
  private final Path path;
  private final Object key;

  FileWatch(Path path) throws IOException {
    this.path = path;
    this.key = read().fileKey();
  }

  private BasicFileAttributes read() throws IOException {
    return Files.readAttributes(
        path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Checks that the path leads to the same file, which has at least so many bytes.
   *
   * @throws IOException if not, saying what happened to it
   */
  void check(long bytes) throws IOException {
    BasicFileAttributes now;
    try {
      now = read();
    } catch (NoSuchFileException e) {
      throw new IOException(path + " was deleted: open the region anew", e);
    }
    if (key != null && !key.equals(now.fileKey())) {
      throw new IOException(path + " was replaced by another file: open the region anew");
    }
    if (now.size() < bytes) {
      throw new IOException(
          path + " was cut from " + bytes + " to " + now.size() + " bytes: restore it");
    }
  }
}
