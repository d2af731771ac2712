package io.nodedb.mem.mapped;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.Pin;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Cuts a file under its own pin and touches what is gone, interpreted and compiled. */
final class TruncationChild {
  private TruncationChild() {}

  /**
   * Runs.
   *
   * @param args the file
   * @throws Exception if it can't
   */
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    long bytes = 16L * LibC.PAGE;
    try (MappingManager manager =
            new MappingManager(
                MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime);
        Pin pin = manager.pin(file, 0, bytes, MapMode.READ_WRITE, "query", "f")) {
      pin.segment().fill((byte) 1);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(LibC.PAGE);
      }
      byte[] copy = new byte[LibC.PAGE];
      MemorySegment heap = MemorySegment.ofArray(copy);
      int errors = 0;
      for (int i = 0; i < 20_000; i++) {
        try {
          if ((i & 1) == 0) {
            read(pin.segment(), bytes - 8);
          } else {
            MemorySegment.copy(pin.segment(), bytes - copy.length, heap, 0, copy.length);
          }
        } catch (InternalError e) {
          errors++;
        }
      }
      read(pin.segment(), 0);
      System.out.println("errors=" + errors);
    }
    System.out.println("alive");
  }

  private static byte read(MemorySegment segment, long offset) {
    return segment.get(ValueLayout.JAVA_BYTE, offset);
  }
}
