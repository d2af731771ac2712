package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions.Durability;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes and frees slots: place, payload, record, entry, in this order.
 *
 * <p>A small payload is copied to where its neighbours are gathered, all under the region's lock,
 * held once for less than a microsecond; a large one is written between two holds of it.
 */
final class SlotWriter {
  private final RegionFiles files;
  private final ObjectTable table;
  private final EngineNames engines;
  private final PayloadFile data;
  private final SpaceKeeper space;
  private final Committer committer;
  private final Checkpointer checkpointer;
  private final CheckpointMaker checkpoints;
  private final ReentrantLock lock;
  private final boolean sync;
  private final int tag;

  /** Guarded by the lock. */
  private boolean closed;

  SlotWriter(
      RegionFiles files, RegionState state, PayloadFile data, SpaceKeeper space,
      Committer committer, Checkpointer checkpointer, CheckpointMaker checkpoints,
      ReentrantLock lock, Durability durability) {
    this.files = files;
    this.table = state.table();
    this.engines = state.engines();
    this.data = data;
    this.space = space;
    this.committer = committer;
    this.checkpointer = checkpointer;
    this.checkpoints = checkpoints;
    this.lock = lock;
    this.sync = durability == Durability.SYNC;
    this.tag = SlotId.tagOf(state.region());
  }

  /** Refuses everything from now on. Holds the region's lock. */
  void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw Payloads.closed(files);
    }
  }

  long write(MemorySegment payload, String engine) {
    long size = payload.byteSize();
    SpaceKeeper.Place place;
    long slot;
    lock.lock();
    try {
      requireOpen();
      engines.check(engine);
      place = space.take(size, engine);
      slot = writeGathered(place, payload, engine);
    } finally {
      lock.unlock();
    }
    if (slot != 0) {
      data.writeSealed();
      return slot;
    }
    boolean written = false;
    try {
      int crc = data.write(place.offset(), payload);
      lock.lock();
      try {
        int number = prepare(engine);
        slot = commit(place, size, crc, number);
      } finally {
        lock.unlock();
      }
      written = true;
      return slot;
    } finally {
      if (!written) {
        lock.lock();
        try {
          space.giveBackUnused(place, size);
        } finally {
          lock.unlock();
        }
      }
    }
  }

  /** Writes a payload that can be gathered; 0 if it can't, and nothing has happened then. */
  private long writeGathered(SpaceKeeper.Place place, MemorySegment payload, String engine) {
    if (!GatheredWrites.takes(payload.byteSize())) {
      return 0;
    }
    boolean gathered = false;
    boolean left = false;
    try {
      int number = prepare(engine);
      long crc = data.gather(place.offset(), payload);
      if (crc == GatheredWrites.NONE) {
        left = true;
        return 0;
      }
      gathered = true;
      return commit(place, payload.byteSize(), (int) crc, number);
    } finally {
      // Bytes that were gathered will be written: a place they have is never given to another.
      if (!gathered && !left) {
        space.giveBackUnused(place, payload.byteSize());
      }
    }
  }

  /** All that may fail or wait before a record is appended; the engine's number. */
  private int prepare(String engine) {
    committer.makeRoom(2);
    requireOpen();
    int number = engines.number(engine);
    if (number < 0) {
      number = engines.add(engine);
      committer.engine(number, engine);
    }
    return number;
  }

  /** Logs the slot, makes it readable, and waits if the policy says so. */
  private long commit(SpaceKeeper.Place place, long size, int crc, int engine) {
    int index = place.index();
    TablePage.Entry entry =
        new TablePage.Entry(
            SlotId.nextGeneration(table.generation(index)), place.offset(), size, crc, engine,
            checkpoints.next());
    long lsn = committer.write(index, entry);
    table.put(index, entry, true);
    place.use();
    checkpointer.appended();
    if (sync) {
      awaitOrUndo(lsn, index, entry);
    }
    return SlotId.pack(tag, entry.generation(), index);
  }

  /** A write that was not acknowledged must not be found later. */
  private void awaitOrUndo(long lsn, int index, TablePage.Entry entry) {
    try {
      committer.awaitDurable(lsn);
    } catch (RuntimeException e) {
      if (committer.hasRoom() && table.live(index, entry.generation())) {
        freeLogged(index, entry.generation());
      }
      throw e;
    }
  }

  /**
   * Frees a slot of this region.
   *
   * @throws OverflowException if it is not live
   */
  void free(long slot) {
    int index = SlotId.index(slot);
    lock.lock();
    try {
      requireOpen();
      committer.makeRoom(1);
      if (!table.live(index, SlotId.generation(slot))) {
        throw Payloads.unknown(slot, table.generation(index), files);
      }
      long lsn = freeLogged(index, SlotId.generation(slot));
      checkpointer.appended();
      if (sync) {
        committer.awaitDurable(lsn);
      }
    } finally {
      lock.unlock();
    }
  }

  private long freeLogged(int index, int generation) {
    long lsn = committer.free(index, generation);
    TablePage.Entry entry = table.free(index);
    space.hold(index, entry, lsn, checkpoints.next());
    return lsn;
  }
}
