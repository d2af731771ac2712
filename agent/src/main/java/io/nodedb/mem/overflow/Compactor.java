package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rewrites a region's payloads one after the other into a new data file. Slots keep their numbers.
 * Needs the writer's lock. Until the checkpoint that refers to the new file is published nothing
 * has changed; the old file goes when no retained checkpoint and no reader refers to it any more,
 * which is at once here, as only the new checkpoint is retained, unless a reader is there.
 */
public final class Compactor {
  /**
   * What it did.
   *
   * @param before bytes of the data file before
   * @param after bytes of the data file now
   * @param slots payloads copied
   */
  public record Result(long before, long after, long slots) {}

  private record Moved(int index, TablePage.Entry entry) {}

  private Compactor() {}

  /**
   * Compacts a region.
   *
   * @param directory where it is
   * @param context what it works with
   * @return what it did
   * @throws io.nodedb.mem.OverflowException if a writer has the region, a file is damaged (a
   *     payload too: nothing has changed then) or the disk refuses
   */
  public static Result compact(Path directory, RegionContext context) {
    // Everything the logs hold goes into a checkpoint first, so that the rest starts from one.
    OverflowRegions.open(directory, OverflowOptions.defaults(), context).close();
    RegionFiles files = new RegionFiles(directory);
    try (WriterLock lock = WriterLock.take(files);
        ReaderLeases leases = ReaderLeases.forWriter(files)) {
      return lock == null ? null : rewrite(files, leases, context);
    } catch (IOException e) {
      throw files.failed("compacting", e);
    }
  }

  private static Result rewrite(RegionFiles files, ReaderLeases leases, RegionContext context)
      throws IOException {
    RegionState state = Recovery.recover(files);
    List<Moved> all = new ArrayList<>();
    state.table()
        .forEachLive(
            index -> {
              TablePage page = state.table().page(ObjectPageLayout.pageOf(index));
              all.add(new Moved(index, page.entry(ObjectPageLayout.entryOf(index))));
            });
    all.sort(Comparator.comparingLong(moved -> moved.entry().offset()));
    long generation = state.data() + 1;
    Path oldPath = files.data(state.data());
    Path newPath = files.data(generation);
    long before;
    long end = DataLayout.SIZE;
    try (FileChannel from = files.open(oldPath, StandardOpenOption.READ);
        FileChannel to = files.createTemporary(newPath)) {
      before = from.size();
      RegionFiles.writeFully(to, DataLayout.encode(state.region(), generation), 0);
      for (Moved moved : all) {
        TablePage.Entry entry = moved.entry();
        if (!RegionTool.intact(from, entry.offset(), entry.size(), entry.crc())) {
          throw new DamageException(
              oldPath, entry.offset(),
              "payload of index " + moved.index() + ", " + entry.size() + " bytes, is damaged");
        }
        copy(from, entry.offset(), to, end, entry.size());
        state.table().move(moved.index(), end);
        end += entry.extent();
      }
      if (to.size() < end) {
        RegionFiles.writeFully(to, ByteBuffer.allocate(1), end - 1); // the last one's padding
      }
      to.force(true);
    }
    files.publish(newPath);
    publish(files, leases, context, state, generation, end);
    return new Result(before, end, all.size());
  }

  private static void publish(
      RegionFiles files, ReaderLeases leases, RegionContext context, RegionState state,
      long generation, long end)
      throws IOException {
    InstantSource wall = context.wall();
    DeltaLog.create(files, state.region(), state.nextLog(), state.nextLsn()).close();
    ObjectTable.Frozen frozen = state.table().freeze();
    CheckpointLayout header =
        new CheckpointLayout(
            state.region(), state.nextCheckpoint(), wall.millis(), state.nextLog(),
            state.nextLsn(), frozen.pages().length, frozen.slots(), frozen.liveSlots(),
            frozen.liveBytes(), generation, end, state.engines().names());
    new CheckpointStore(
            files, context.mappings(), leases, 1, state.superblock(), state.manifest())
        .publish(header, frozen.pages());
  }

  private static void copy(
      FileChannel from, long fromOffset, FileChannel to, long toOffset, long size)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(size, 1, 1 << 20));
    for (long done = 0; done < size; done += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), size - done));
      RegionFiles.readInto(from, buffer, fromOffset + done);
      RegionFiles.writeFully(to, buffer.flip(), toOffset + done);
    }
  }
}
