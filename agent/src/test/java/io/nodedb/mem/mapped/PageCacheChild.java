package io.nodedb.mem.mapped;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.Pin;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a set of windows in memory while another engine flushes: through the drop-behind writer, or
 * plainly. Prints what is left of the set.
 */
final class PageCacheChild {
  private PageCacheChild() {}

  /**
   * Runs.
   *
   * @param args hot file, file to flush to, "plain" or "drop", bytes to flush
   * @throws Exception if anything fails
   */
  public static void main(String[] args) throws Exception {
    Path hot = Path.of(args[0]);
    long hotBytes = Files.size(hot);
    try (MappingManager manager =
        new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime)) {
      for (long at = 0; at < hotBytes; at += LibC.PAGE) {
        try (Pin pin = manager.pin(hot, at, 8, MapMode.READ_ONLY, "vector", "hot")) {
          if (pin.segment().get(ValueLayout.JAVA_LONG, 0) != at) {
            throw new AssertionError("wrong content at " + at);
          }
        }
      }
      long before = manager.residentBytes("vector");
      flush(Path.of(args[1]), args[2].equals("drop"), Long.parseLong(args[3]));
      long after = manager.residentBytes("vector");
      System.out.println(
          "RESULT hot=" + hotBytes + " before=" + before + " after=" + after
              + " permille=" + after * 1000 / hotBytes);
    }
  }

  private static void flush(Path file, boolean dropBehind, long bytes) throws Exception {
    byte[] block = new byte[1 << 20];
    if (dropBehind) {
      try (DropBehindWriter writer = DropBehindWriter.create(file, 16L << 20)) {
        for (long at = 0; at < bytes; at += block.length) {
          writer.write(MemorySegment.ofArray(block));
        }
      }
    } else {
      try (OutputStream out = Files.newOutputStream(file)) {
        for (long at = 0; at < bytes; at += block.length) {
          out.write(block);
        }
      }
    }
    Files.delete(file);
  }
}
