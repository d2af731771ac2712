package io.nodedb.mem.sample.timeseries;

import java.util.ArrayList;
import java.util.List;

/** Points in memory, until they are flushed. Not thread-safe while it grows. */
final class Memtable {
  private final Slabs slabs = new Slabs();
  private final List<ArrayList<Chunk>> chunks = new ArrayList<>();

  Memtable(int series) {
    for (int i = 0; i < series; i++) {
      chunks.add(new ArrayList<>(0));
    }
  }

  /**
   * Takes the memory for points to come, the most they could need: {@link #add} allocates nothing.
   *
   * @param first the first series that gets points
   * @param series how many series get points
   * @param points how many points each of them gets
   * @throws io.nodedb.mem.BudgetExceededException if there is no room; nothing has changed then
   */
  void prepare(int first, int series, int points) {
    for (ArrayList<Chunk> list : chunks.subList(first, first + series)) {
      list.ensureCapacity(list.size() + slices(1, points));
    }
    slabs.promise(slices(series, points));
  }

  /** Whether preparing that would take more memory than there is already. */
  boolean lacksRoom(int series, int points) {
    return slabs.lacks(slices(series, points));
  }

  /** Ends what {@link #prepare} began, with the same figures. */
  void settle(int series, int points) {
    slabs.settle(slices(series, points));
  }

  private static int slices(int series, int points) {
    int perSlice = Slabs.Slice.BYTES * Byte.SIZE / GorillaEncoder.MAX_POINT_BITS;
    return series * (1 + Math.ceilDiv(points, perSlice));
  }

  /** Adds a point that {@link #prepare} took memory for. */
  void add(int series, long time, double value) {
    List<Chunk> list = chunks.get(series);
    if (list.isEmpty() || !list.getLast().add(time, value)) {
      Chunk chunk = slabs.next();
      list.add(chunk);
      chunk.add(time, value);
    }
  }

  long bytes() {
    return slabs.bytes();
  }

  int series() {
    return chunks.size();
  }

  /** A series' chunks, oldest first. */
  List<Chunk> chunks(int series) {
    return chunks.get(series);
  }
}
