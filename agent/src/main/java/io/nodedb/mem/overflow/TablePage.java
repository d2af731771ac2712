package io.nodedb.mem.overflow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A page of the writer's object table: what {@link ObjectPageLayout} lays out, as arrays. Written
 * under the region's lock; {@code meta} is volatile element by element and stored last when an
 * entry becomes live, so a reader that finds the entry live reads the rest of it whole.
 */
final class TablePage {
  /**
   * One live entry.
   *
   * @param generation of the slot
   * @param offset of the payload in the data file
   * @param size of the payload
   * @param crc of the payload
   * @param engine number of the engine
   * @param birth the first checkpoint that contains it; 0 = unknown, an old one
   */
  record Entry(int generation, long offset, long size, int crc, int engine, long birth) {
    /** Bytes of its extent. */
    long extent() {
      return DataLayout.aligned(size);
    }
  }

  /** What copies of one page share: open views, and whether the payload's CRC was found right. */
  private static final class Use {
    final AtomicIntegerArray views = new AtomicIntegerArray(ObjectPageLayout.ENTRIES);
    // Plain: a lost update only means one more check.
    final boolean[] verified = new boolean[ObjectPageLayout.ENTRIES];
  }

  private static final VarHandle META = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int LIVE_BIT = 1;

  /** The freeze before which this copy was made. */
  final int epoch;

  private final Use use;
  private final long[] meta;
  private final long[] offsets;
  private final long[] sizes;
  private final long[] births;
  private final int[] crcs;

  TablePage(int epoch) {
    int n = ObjectPageLayout.ENTRIES;
    this.epoch = epoch;
    this.use = new Use();
    this.meta = new long[n];
    this.offsets = new long[n];
    this.sizes = new long[n];
    this.births = new long[n];
    this.crcs = new int[n];
  }

  private TablePage(TablePage from, int epoch) {
    this.epoch = epoch;
    this.use = from.use;
    this.meta = from.meta.clone();
    this.offsets = from.offsets.clone();
    this.sizes = from.sizes.clone();
    this.births = from.births.clone();
    this.crcs = from.crcs.clone();
  }

  TablePage copy(int newEpoch) {
    return new TablePage(this, newEpoch);
  }

  void put(int at, Entry entry, boolean verified) {
    offsets[at] = entry.offset();
    sizes[at] = entry.size();
    births[at] = entry.birth();
    crcs[at] = entry.crc();
    use.verified[at] = verified;
    META.setVolatile(meta, at, meta(entry.generation(), entry.engine(), true));
  }

  void move(int at, long offset) {
    offsets[at] = sizes[at] == 0 ? 0 : offset;
  }

  void putFree(int at, int generation) {
    META.setVolatile(meta, at, meta(generation, 0, false));
  }

  void free(int at) {
    META.setVolatile(meta, at, meta(generation(at), 0, false));
  }

  boolean live(int at) {
    return ((long) META.getVolatile(meta, at) & LIVE_BIT) != 0;
  }

  boolean live(int at, int generation) {
    long m = (long) META.getVolatile(meta, at);
    return (m & LIVE_BIT) != 0 && (int) (m >>> 32) == generation;
  }

  int generation(int at) {
    return (int) ((long) META.getVolatile(meta, at) >>> 32);
  }

  /** The entry, which must be live. */
  Entry entry(int at) {
    long m = (long) META.getVolatile(meta, at);
    return new Entry(
        (int) (m >>> 32), offsets[at], sizes[at], crcs[at], (int) (m >>> 8) & 0xffff, births[at]);
  }

  void enter(int at) {
    use.views.getAndIncrement(at);
  }

  void leave(int at) {
    use.views.getAndDecrement(at);
  }

  int views(int at) {
    return use.views.get(at);
  }

  boolean verified(int at) {
    return use.verified[at];
  }

  void setVerified(int at) {
    use.verified[at] = true;
  }

  /** Writes the page as it is on disk into [position, position + 4096). */
  void encode(ByteBuffer target, int number, long sequence) {
    int start = target.position();
    Arrays.fill(target.array(), target.arrayOffset() + start,
        target.arrayOffset() + start + ObjectPageLayout.SIZE, (byte) 0);
    target.putInt(start + ObjectPageLayout.PAGE_OFFSET, number);
    target.putLong(start + ObjectPageLayout.SEQUENCE_OFFSET, sequence);
    for (int i = 0; i < ObjectPageLayout.ENTRIES; i++) {
      int at = start + ObjectPageLayout.entryOffset(i);
      target.putInt(at + ObjectPageLayout.ENTRY_GENERATION_OFFSET, generation(i));
      if (live(i)) {
        Entry entry = entry(i);
        target.putLong(at + ObjectPageLayout.ENTRY_OFFSET_OFFSET, entry.offset());
        target.putLong(at + ObjectPageLayout.ENTRY_SIZE_OFFSET, entry.size());
        target.putInt(at + ObjectPageLayout.ENTRY_CRC_OFFSET, entry.crc());
        target.putShort(at + ObjectPageLayout.ENTRY_ENGINE_OFFSET, (short) entry.engine());
        target.put(at + ObjectPageLayout.ENTRY_STATE_OFFSET, ObjectPageLayout.LIVE);
      }
    }
    Frame.seal(
        target.slice(start, ObjectPageLayout.SIZE).order(target.order()),
        ObjectPageLayout.MAGIC, ObjectPageLayout.VERSION);
    target.position(start + ObjectPageLayout.SIZE);
  }

  private static long meta(int generation, int engine, boolean live) {
    return (long) generation << 32 | (long) engine << 8 | (live ? LIVE_BIT : 0);
  }
}
