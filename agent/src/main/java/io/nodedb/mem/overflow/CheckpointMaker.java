package io.nodedb.mem.overflow;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes one checkpoint of a writer's region, on the checkpointer's thread: freezes the object table
 * at the change of logs, writes it while writers go on, then lets go of what it replaced.
 */
final class CheckpointMaker implements Checkpointer.Maker {
  private final RegionFiles files;
  private final RegionContext context;
  private final RegionState state;
  private final PayloadFile data;
  private final CheckpointStore store;
  private final Committer committer;
  private final ReentrantLock lock;
  private SpaceKeeper space; // set before the first checkpoint

  // Guarded by lock.
  private long next;
  private ObjectTable.Frozen frozen;

  CheckpointMaker(
      RegionFiles files, RegionContext context, RegionState state, PayloadFile data,
      CheckpointStore store, Committer committer, ReentrantLock lock) {
    this.files = files;
    this.context = context;
    this.state = state;
    this.data = data;
    this.store = store;
    this.committer = committer;
    this.lock = lock;
    this.next = state.nextCheckpoint();
  }

  /** Says who keeps the region's space, before the first checkpoint is made. */
  void space(SpaceKeeper keeper) {
    this.space = keeper;
  }

  /** The number of the checkpoint to come. Guarded by the region's lock. */
  long next() {
    return next;
  }

  @Override
  public long make() throws IOException {
    long start = context.nanos().getAsLong();
    CheckpointLayout[] header = new CheckpointLayout[1];
    Exception failure = null;
    try {
      committer.roll(() -> header[0] = freeze());
      store.publish(header[0], frozen.pages());
      return header[0].startLsn() - 1;
    } catch (IOException | RuntimeException e) {
      failure = e;
      throw e;
    } finally {
      lock.lock();
      try {
        state.table().thaw();
        frozen = null;
        if (failure == null) {
          committer.checkpointed();
          space.reclaim();
        }
      } finally {
        lock.unlock();
      }
      if (header[0] != null) {
        context.listener().checkpointed(
            files.directory, header[0].sequence(), header[0].liveSlots(),
            context.nanos().getAsLong() - start, failure);
      }
    }
  }

  /** Under the region's lock, with everything durable and a new log begun. */
  private CheckpointLayout freeze() {
    frozen = state.table().freeze();
    store.beginning(next);
    return new CheckpointLayout(
        state.region(), next++, context.wall().millis(), committer.log().number,
        committer.log().startLsn, frozen.pages().length, frozen.slots(), frozen.liveSlots(),
        frozen.liveBytes(), data.generation, space.end(), state.engines().names());
  }
}
