package io.nodedb.mem.sample.wal;

import io.nodedb.mem.sample.data.BadDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a log from its oldest record to its newest. */
public final class LogReader {
  private LogReader() {}

  /** Gets each record. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * One record.
     *
     * @param number its number
     * @param payload its payload, the visitor's own from now on
     * @throws IOException ends the reading
     */
    void record(long number, byte[] payload) throws IOException;
  }

  /**
   * What a reading found.
   *
   * @param first number of the first record, or of the one to come if there is none
   * @param next number after the last record
   * @param tornBytes bytes after the last whole record: of a write that was cut off
   */
  public record Replay(long first, long next, long tornBytes) {
    /**
     * How many records there were.
     *
     * @return the number
     */
    public long records() {
      return next - first;
    }
  }

  /**
   * Reads a log.
   *
   * @param directory where its files are
   * @param visitor gets every whole record, in order
   * @return what was found; only the newest file may end in a torn record
   * @throws BadDataException if an older file is damaged or one is missing in between
   * @throws IOException if it cannot be read
   */
  public static Replay replay(Path directory, Visitor visitor) throws IOException {
    List<Path> files = files(directory);
    long first = files.isEmpty() ? 0 : number(files.getFirst());
    long next = first;
    long torn = 0;
    for (Path file : files) {
      if (number(file) != next || torn > 0) {
        throw new BadDataException(file, "starts with record " + number(file) + " (expected: "
            + next + "): the file before is damaged or missing");
      }
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      int at = 0;
      for (int length; (length = LogFormat.check(bytes, at, next)) >= 0; next++) {
        byte[] payload = new byte[length];
        bytes.get(at + LogFormat.HEADER, payload);
        visitor.record(next, payload);
        at += LogFormat.HEADER + length;
      }
      torn = bytes.limit() - at;
    }
    return new Replay(first, next, torn);
  }

  /** The log's files, oldest first. */
  static List<Path> files(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream =
        Files.newDirectoryStream(directory, "*" + LogFormat.SUFFIX)) {
      stream.forEach(files::add);
    }
    files.sort((a, b) -> Long.compare(number(a), number(b)));
    return files;
  }

  static long number(Path file) {
    return LogFormat.firstNumber(file.getFileName().toString());
  }
}
