package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.mapped.MappingManager;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Cuts a region's files under its mapped windows and reads on, interpreted and compiled. */
final class CutUnderRegionChild {
  private CutUnderRegionChild() {}

  /**
   * Runs.
   *
   * @param args the directory
   * @throws Exception if it can't
   */
  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[0]);
    List<Long> slots = new ArrayList<>();
    try (MappingManager manager = Store.manager()) {
      try (OverflowRegion region = Store.open(dir, manager)) {
        for (int i = 0; i < 200; i++) {
          slots.add(region.write(Store.payload(i, 3000), "query"));
        }
      }
      try (OverflowRegion reader = Store.openReadOnly(dir, manager)) {
        Store.read(reader, slots.get(0)); // maps data and table
        cut(dir.resolve("data-1"), DataLayout.SIZE + 3 * 3008);
        int named = 0;
        for (int i = 0; i < 20_000; i++) {
          named += named(reader, slots.get(100 + i % 100));
        }
        System.out.println("payloads=" + named);
      }
      try (OverflowRegion reader = Store.openReadOnly(restored(dir), manager)) {
        System.out.println("restored=" + Store.read(reader, slots.get(199)).length);
      }
    }
    System.out.println("alive");
  }

  private static int named(OverflowRegion reader, long slot) {
    try (OverflowView view = reader.read(slot)) {
      return view.segment().byteSize() < 0 ? 1 : 0;
    } catch (DamageException e) {
      return e.file().endsWith("data-1") && e.offset() >= DataLayout.SIZE ? 1 : 0;
    }
  }

  private static void cut(Path file, long size) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      java.nio.file.Files.copy(file, file.resolveSibling("../saved"));
      channel.truncate(size);
    }
  }

  private static Path restored(Path dir) throws Exception {
    java.nio.file.Files.write(
        dir.resolve("data-1"), java.nio.file.Files.readAllBytes(dir.resolve("../saved")));
    return dir;
  }
}
