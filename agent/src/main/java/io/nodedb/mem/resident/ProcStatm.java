package io.nodedb.mem.resident;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident set of a process, from {@code /proc/PID/statm}. Thread-safe. */
final class ProcStatm {
  private static final int DEFAULT_PAGE = 4096;

  /** The auxiliary vector's key for the page size, see getauxval(3). */
  private static final long AT_PAGESZ = 6;

  private final Path statm;
  private final long pageSize;

  /** For the process with that directory. */
  ProcStatm(Path process) {
    statm = process.resolve("statm");
    pageSize = pageSize(process.resolve("auxv"));
  }

  /** Bytes; {@link Resident#UNKNOWN} where there is no such file, as outside Linux. */
  long rss() {
    try {
      // The second word, in pages; fields are separated by single blanks.
      String[] words = Files.readString(statm, StandardCharsets.US_ASCII).split(" ", 3);
      return Long.parseLong(words[1]) * pageSize;
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Resident.UNKNOWN;
    }
  }

  /** Pairs of words, key and value, in the machine's own order. */
  private static long pageSize(Path auxv) {
    try {
      ByteBuffer pairs = ByteBuffer.wrap(Files.readAllBytes(auxv)).order(ByteOrder.nativeOrder());
      while (pairs.remaining() >= 2 * Long.BYTES) {
        long key = pairs.getLong();
        long value = pairs.getLong();
        if (key == AT_PAGESZ) {
          return value;
        }
      }
    } catch (IOException e) {
      return DEFAULT_PAGE;
    }
    return DEFAULT_PAGE;
  }
}
