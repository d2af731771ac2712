package io.nodedb.mem.sample.report;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's resident set size, from {@code /proc}. Not thread-safe. */
final class Rss implements AutoCloseable {
  private static final int RSS_FIELD = 1;

  private final byte[] buffer = new byte[128];
  private final RandomAccessFile statm;
  private final long pageSize;

  private Rss(RandomAccessFile statm, long pageSize) {
    this.statm = statm;
    this.pageSize = pageSize;
  }

  /** Opens it; reads 0 where there is no {@code /proc}. */
  static Rss open() throws IOException {
    Path file = Path.of("/proc/self/statm");
    if (!Files.isReadable(file)) {
      return new Rss(null, 0);
    }
    Rss pages = new Rss(new RandomAccessFile(file.toFile(), "r"), 1);
    return new Rss(pages.statm, pageSize(pages.bytes()));
  }

  /** The same figure in kB, from another file, tells the size of a page: a power of two. */
  private static long pageSize(long pages) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        long bytes = Long.parseLong(line.replaceAll("\\D", "")) << 10;
        return Long.highestOneBit(bytes / pages * 3 / 2);
      }
    }
    return 4096;
  }

  long bytes() throws IOException {
    if (statm == null) {
      return 0;
    }
    statm.seek(0);
    int length = statm.read(buffer);
    String[] fields = new String(buffer, 0, length, StandardCharsets.US_ASCII).split(" ");
    return Long.parseLong(fields[RSS_FIELD]) * pageSize;
  }

  @Override
  public void close() throws IOException {
    if (statm != null) {
      statm.close();
    }
  }
}
