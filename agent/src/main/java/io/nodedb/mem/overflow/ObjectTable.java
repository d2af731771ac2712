package io.nodedb.mem.overflow;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;

/**
 * The writer's object table: index → where the payload is. Changed under the region's lock, read
 * without one.
 *
 * <p><b>Freezing.</b> A checkpoint takes the pages as they are; while it writes them, the first
 * change to a page makes a copy and puts that in the page's place, so writers go on.
 *
 * <p><b>Reading without a lock.</b> A reader counts itself into the slot's use first, then loads
 * the page, then the state. A freer publishes the page, stores the state, and only later asks for
 * the count before it gives the extent away. All of these are volatile, so either the reader sees
 * the freed state or the freer sees the reader; the extent is never given away under an open view.
 */
final class ObjectTable {
  /**
   * The table as of one moment.
   *
   * @param pages its pages; not changed while frozen
   * @param slots entries in use or used once
   * @param liveSlots slots that hold a payload
   * @param liveBytes bytes of their payloads
   */
  record Frozen(TablePage[] pages, int slots, long liveSlots, long liveBytes) {}

  private volatile AtomicReferenceArray<TablePage> pages = new AtomicReferenceArray<>(16);

  // Guarded by the region's lock; the two counts are also read by statistics.
  private volatile int slots;
  private volatile long liveSlots;
  private volatile long liveBytes;
  private int[] freeIndexes = new int[64];
  private int freeCount;
  private int epoch;
  private boolean frozen;

  /** Takes an unused index, or -1 if all are in use. */
  int takeIndex() {
    if (freeCount > 0) {
      return freeIndexes[--freeCount];
    }
    if (slots > SlotId.MAX_INDEX) {
      return -1;
    }
    int index = slots;
    page(ObjectPageLayout.pageOf(index), true);
    slots = index + 1;
    return index;
  }

  /** Gives back an index that is not live. */
  void giveIndex(int index) {
    if (freeCount == freeIndexes.length) {
      freeIndexes = java.util.Arrays.copyOf(freeIndexes, freeCount * 2);
    }
    freeIndexes[freeCount++] = index;
  }

  /** The generation the index had last; 0 if it was never used. */
  int generation(int index) {
    TablePage page = page(ObjectPageLayout.pageOf(index), false);
    return page == null ? 0 : page.generation(ObjectPageLayout.entryOf(index));
  }

  /** Makes an index live. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void put(int index, TablePage.Entry entry, boolean verified) {
    TablePage page = writable(ObjectPageLayout.pageOf(index));
    page.put(ObjectPageLayout.entryOf(index), entry, verified);
    slots = Math.max(slots, index + 1);
    liveSlots++;
    liveBytes += entry.size();
  }

  /** Makes a live index free; returns what it was. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  TablePage.Entry free(int index) {
    TablePage page = writable(ObjectPageLayout.pageOf(index));
    int at = ObjectPageLayout.entryOf(index);
    TablePage.Entry entry = page.entry(at);
    page.free(at);
    liveSlots--;
    liveBytes -= entry.size();
    return entry;
  }

  /** Gives a live index another place in another data file: for compaction. */
  void move(int index, long offset) {
    writable(ObjectPageLayout.pageOf(index)).move(ObjectPageLayout.entryOf(index), offset);
  }

  /** Puts a free index with its last generation: for recovery. */
  void putFree(int index, int generation) {
    writable(ObjectPageLayout.pageOf(index))
        .putFree(ObjectPageLayout.entryOf(index), generation);
    slots = Math.max(slots, index + 1);
  }

  /** Whether the slot's index is live in its generation. */
  boolean live(int index, int generation) {
    TablePage page = page(ObjectPageLayout.pageOf(index), false);
    return page != null && page.live(ObjectPageLayout.entryOf(index), generation);
  }

  /** A page, or null if it does not exist. Lock-free. */
  TablePage page(int number) {
    AtomicReferenceArray<TablePage> all = pages;
    return number < all.length() ? all.get(number) : null;
  }

  /** Makes the list of free indexes from the pages: after recovery, lowest index first. */
  void rebuildFreeIndexes() {
    freeCount = 0;
    for (int index = slots - 1; index >= 0; index--) {
      TablePage page = page(ObjectPageLayout.pageOf(index), true);
      if (!page.live(ObjectPageLayout.entryOf(index))) {
        giveIndex(index);
      }
    }
  }

  Frozen freeze() {
    TablePage[] copy = new TablePage[ObjectPageLayout.pages(slots)];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = page(i, true);
    }
    epoch++;
    frozen = true;
    return new Frozen(copy, slots, liveSlots, liveBytes);
  }

  void thaw() {
    frozen = false;
  }

  /** Calls with every index that is live now. Lock-free. */
  void forEachLive(IntConsumer consumer) {
    int count = slots;
    for (int index = 0; index < count; index++) {
      TablePage page = page(ObjectPageLayout.pageOf(index));
      if (page != null && page.live(ObjectPageLayout.entryOf(index))) {
        consumer.accept(index);
      }
    }
  }

  int slots() {
    return slots;
  }

  long liveSlots() {
    return liveSlots;
  }

  long liveBytes() {
    return liveBytes;
  }

  private TablePage writable(int number) {
    TablePage page = page(number, true);
    if (frozen && page.epoch < epoch) {
      page = page.copy(epoch);
      pages.set(number, page);
    }
    return page;
  }

  private TablePage page(int number, boolean create) {
    AtomicReferenceArray<TablePage> all = pages;
    if (number >= all.length()) {
      if (!create) {
        return null;
      }
      AtomicReferenceArray<TablePage> larger =
          new AtomicReferenceArray<>(Math.max(all.length() * 2, number + 1));
      for (int i = 0; i < all.length(); i++) {
        larger.set(i, all.get(i));
      }
      pages = larger;
      all = larger;
    }
    TablePage page = all.get(number);
    if (page == null && create) {
      page = new TablePage(epoch);
      all.set(number, page);
    }
    return page;
  }
}
