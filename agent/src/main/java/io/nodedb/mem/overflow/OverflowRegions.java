package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowRegion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Opens regions. Stateless and thread-safe. */
public final class OverflowRegions {
  private OverflowRegions() {}

  /**
   * Opens a region for writing, making it if the directory holds none. What was acknowledged as
   * durable is there; a torn tail of the log is cut off.
   *
   * @param directory where the region is; made if missing
   * @param options how
   * @param context what it works with
   * @return the region; it is this process's until closed
   * @throws OverflowException if another writer has it, a file is damaged, or the disk refuses
   */
  public static OverflowRegion open(
      Path directory, OverflowOptions options, RegionContext context) {
    if (options.maxBytes() > Extents.MAX_FILE) {
      throw new OverflowException(
          "overflow: maximum of " + options.maxBytes() + " bytes (most: " + Extents.MAX_FILE
              + "); use several regions");
    }
    RegionFiles files = new RegionFiles(directory);
    WriterLock lock = null;
    ReaderLeases leases = null;
    boolean opened = false;
    try {
      files.createDirectory();
      lock = WriterLock.take(files);
      leases = ReaderLeases.forWriter(files);
      files.deleteTemporary();
      if (!RegionHead.exists(files)) {
        create(files, context);
      }
      RegionState state = Recovery.recover(files);
      OverflowRegion region =
          new WritableRegion(files, context, options, lock, leases, state);
      opened = true;
      return region;
    } catch (IOException e) {
      throw files.failed("opening", e);
    } finally {
      if (!opened) {
        closeQuietly(leases);
        closeQuietly(lock);
      }
    }
  }

  /**
   * Opens the latest checkpoint of a region. Its cost does not grow with the number of slots, and
   * it replays nothing: what was written since that checkpoint is not seen, now or later.
   *
   * @param directory where the region is
   * @param check when the CRC of a payload is compared
   * @param context what it works with
   * @return the region
   * @throws OverflowException if there is none or a file is damaged
   */
  public static OverflowRegion openReadOnly(
      Path directory, OverflowOptions.PayloadCheck check, RegionContext context) {
    RegionFiles files = new RegionFiles(directory);
    try {
      if (!RegionHead.exists(files)) {
        throw new OverflowException(
            "overflow: there is no region in " + files.directory
                + "; let a writer make one and force a checkpoint");
      }
      return ReadOnlyRegion.open(files, context, check);
    } catch (IOException e) {
      throw files.failed("opening read-only", e);
    }
  }

  /** Makes an empty region. The superblock comes first and names a checkpoint last. */
  private static void create(RegionFiles files, RegionContext context) throws IOException {
    for (String prefix : List.of("data", "log", "checkpoint")) {
      if (!files.numbers(prefix).isEmpty()) {
        // A creation that a crash ended: nothing was acknowledged.
        for (long number : files.numbers(prefix)) {
          java.nio.file.Files.delete(files.directory.resolve(prefix + "-" + number));
        }
      }
    }
    UUID region = UUID.randomUUID();
    long now = context.wall().millis();
    SuperblockLayout superblock = new SuperblockLayout(region, 1, 0, now);
    Superblocks.create(files, superblock);
    PayloadFile.create(files, region, 1);
    DeltaLog.create(files, region, 1, 1).close();
    CheckpointLayout empty =
        new CheckpointLayout(
            region, 1, now, 1, 1, 0, 0, 0, 0, 1, DataLayout.SIZE, List.of());
    int crc = CheckpointFile.write(files, empty, new TablePage[0]);
    ManifestLayout manifest =
        new ManifestLayout(region, 1, List.of(new ManifestLayout.Entry(1, 1, 1, crc)));
    files.replace(files.manifest(), manifest.encode());
    Superblocks.write(files, new SuperblockLayout(region, 2, 1, now));
  }

  static void closeQuietly(AutoCloseable part) {
    if (part != null) {
      try {
        part.close();
      } catch (Exception e) {
        // Only while another failure is on its way, which says more.
      }
    }
  }
}
