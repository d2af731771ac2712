package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;

/**
 * Finds places for payloads: free extents, then growth, then what is held back by checkpoints. All
 * methods are guarded by the region's lock.
 */
final class SpaceKeeper {
  /** A place taken, with the index of its slot. Used once committed, else given back. */
  static final class Place {
    private final long offset;
    private final int index;
    private boolean used;

    Place(long offset, int index) {
      this.offset = offset;
      this.index = index;
    }

    long offset() {
      return offset;
    }

    int index() {
      return index;
    }

    void use() {
      used = true;
    }
  }

  private static final int RECLAIM_AFTER = 512;

  private final RegionFiles files;
  private final RegionContext context;
  private final OverflowOptions options;
  private final ExtentAllocator allocator;
  private final Quarantine quarantine;
  private final ObjectTable table;
  private final PayloadFile data;
  private final CheckpointStore store;
  private final Committer committer;
  private final Checkpointer checkpointer;
  private int heldSince;

  SpaceKeeper(
      RegionFiles files, RegionContext context, OverflowOptions options, RegionState state,
      PayloadFile data, CheckpointStore store, Committer committer, Checkpointer checkpointer) {
    this.files = files;
    this.context = context;
    this.options = options;
    this.allocator = state.space();
    this.quarantine = state.quarantine();
    this.table = state.table();
    this.data = data;
    this.store = store;
    this.committer = committer;
    this.checkpointer = checkpointer;
  }

  /**
   * Takes a place. May give up the lock while a checkpoint is made to free space.
   *
   * @throws OverflowException if the region is full
   */
  Place take(long size, String engine) {
    long extent = size > options.maxBytes() ? Long.MAX_VALUE : DataLayout.aligned(size);
    if (extent > options.maxBytes() - DataLayout.SIZE) {
      throw full(size);
    }
    long offset = place(extent, engine);
    // Every retained checkpoint may hold freed bytes back, and so may the one being made.
    for (int i = 0; offset == ExtentAllocator.NONE && i < options.retainedCheckpoints() + 1; i++) {
      if (quarantine.isEmpty()) {
        break;
      }
      checkpointer.force();
      offset = place(extent, engine);
    }
    if (offset == ExtentAllocator.NONE) {
      throw full(size);
    }
    int index = table.takeIndex();
    if (index < 0) {
      allocator.free(offset, extent);
      throw new OverflowException(
          "overflow: region " + files.directory + " holds " + (SlotId.MAX_INDEX + 1)
              + " slots, the most there can be; free some");
    }
    return new Place(offset, index);
  }

  private long place(long extent, String engine) {
    long offset = allocator.allocate(extent, data.capacity());
    if (offset != ExtentAllocator.NONE) {
      return offset;
    }
    if (!quarantine.isEmpty()) {
      reclaim();
      offset = allocator.allocate(extent, data.capacity());
    }
    while (offset == ExtentAllocator.NONE && grow(extent, engine)) {
      offset = allocator.allocate(extent, data.capacity());
    }
    return offset;
  }

  /** Doubles the file, up to its maximum; false if it is there. */
  private boolean grow(long extent, String engine) {
    long from = data.capacity();
    if (from >= options.maxBytes() || extent > options.maxBytes() - allocator.end()) {
      return false;
    }
    long to = Math.max(options.initialBytes(), from);
    while (to <= from || extent > to - allocator.end()) {
      to *= 2;
      if (to >= options.maxBytes()) {
        to = options.maxBytes();
        break;
      }
    }
    data.grow(to);
    context.listener().grew(files.directory, engine, from, to);
    return true;
  }

  private OverflowException full(long size) {
    return new OverflowException(
        "overflow: no room for " + size + " bytes in region " + files.directory + ": "
            + table.liveBytes() + " live, " + quarantine.bytes()
            + " freed but still referred to by retained checkpoints, readers or views, "
            + allocator.freeBytes() + " free in " + allocator.freeExtents()
            + " pieces, maximum " + options.maxBytes()
            + " (setting: overflow.max); free slots or raise the maximum");
  }

  /** Gives back a place whose payload was not committed; nothing if it was. */
  void giveBackUnused(Place place, long size) {
    if (!place.used) {
      allocator.free(place.offset, DataLayout.aligned(size));
      table.giveIndex(place.index);
    }
  }

  /** Holds a freed slot's place until nothing refers to it. */
  void hold(int index, TablePage.Entry entry, long lsn, long nextCheckpoint) {
    quarantine.add(
        new Quarantine.Held(
            index, entry.offset(), entry.extent(), lsn, entry.birth(), nextCheckpoint));
    // Early enough that bytes are used again while their pages are warm, seldom enough that looking
    // at all that is held costs each free a few looks on average.
    if (++heldSince >= Math.max(RECLAIM_AFTER, quarantine.size() / 4)) {
      reclaim();
    }
  }

  /** Frees what nothing refers to any more. */
  void reclaim() {
    heldSince = 0;
    quarantine.drain(
        committer.durableLsn(),
        store.retained(),
        held -> held.index() < 0 || unviewed(held.index()),
        held -> {
          allocator.free(held.offset(), held.size());
          if (held.index() >= 0) {
            table.giveIndex(held.index());
          }
        });
  }

  private boolean unviewed(int index) {
    return table.page(ObjectPageLayout.pageOf(index)).views(ObjectPageLayout.entryOf(index)) == 0;
  }

  long end() {
    return allocator.end();
  }

  long freeBytes() {
    return allocator.freeBytes() + Math.max(0, data.capacity() - allocator.end());
  }

  long heldBytes() {
    return quarantine.bytes();
  }
}
