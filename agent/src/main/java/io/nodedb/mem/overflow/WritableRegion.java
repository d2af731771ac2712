package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowStatistics;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.Pin;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;

/**
 * The writer of a region: slots in, slots out. What it orders is in the package's description; who
 * writes, allocates, commits and checkpoints is in {@link SlotWriter}, {@link SpaceKeeper}, {@link
 * Committer} and {@link Checkpointer}, which share one lock with it. Reading takes no lock.
 */
final class WritableRegion implements OverflowRegion {
  private final RegionFiles files;
  private final RegionContext context;
  private final OverflowOptions options;
  private final WriterLock writerLock;
  private final ReaderLeases leases;
  private final RegionState state;
  private final ObjectTable table;
  private final EngineNames engines;
  private final PayloadFile data;
  private final CheckpointStore store;
  private final SpaceKeeper space;
  private final Committer committer;
  private final Checkpointer checkpointer;
  private final SlotWriter slots;
  private final Thread commitThread;
  private final Thread checkpointThread;
  private final ReentrantLock lock = new ReentrantLock();
  private final int tag;
  private volatile boolean closed;

  /** Takes over lock and leases; the caller closes them if this throws. */
  WritableRegion(
      RegionFiles files, RegionContext context, OverflowOptions options, WriterLock writerLock,
      ReaderLeases leases, RegionState state)
      throws IOException {
    this.files = files;
    this.context = context;
    this.options = options;
    this.writerLock = writerLock;
    this.leases = leases;
    this.state = state;
    this.table = state.table();
    this.engines = state.engines();
    this.tag = SlotId.tagOf(state.region());
    this.store =
        new CheckpointStore(
            files, context.mappings(), leases, options.retainedCheckpoints(), state.superblock(),
            state.manifest());
    store.collectGarbage();
    this.data = PayloadFile.open(files, state.data(), context);
    DeltaLog log =
        DeltaLog.create(files, state.region(), state.nextLog(), state.nextLsn());
    this.committer =
        new Committer(
            files, state.region(), data, options.durability(), options.commitWindow().toNanos(),
            lock, log, state.replayed());
    CheckpointMaker maker =
        new CheckpointMaker(files, context, state, data, store, committer, lock);
    this.checkpointer =
        new Checkpointer(
            files, maker, context.nanos(), options.checkpointLogBytes(),
            options.checkpointAge().toNanos(), lock, committer,
            state.replayed() > 0 ? -1 : committer.lastLsn());
    this.space =
        new SpaceKeeper(files, context, options, state, data, store, committer, checkpointer);
    maker.space(space);
    this.slots =
        new SlotWriter(
            files, state, data, space, committer, checkpointer, maker, lock,
            options.durability());
    String name = files.directory.getFileName().toString();
    this.commitThread = daemon("nodedb-mem-commit-" + name, committer);
    this.checkpointThread = daemon("nodedb-mem-checkpoint-" + name, checkpointer);
  }

  private static Thread daemon(String name, Runnable task) {
    return Thread.ofPlatform().daemon().name(name).start(task);
  }

  @Override
  public long write(byte[] payload, String engine) {
    return write(MemorySegment.ofArray(payload), engine);
  }

  @Override
  public long write(MemorySegment payload, String engine) {
    Objects.requireNonNull(payload, "payload");
    Objects.requireNonNull(engine, "engine");
    requireOpen();
    return slots.write(payload, engine);
  }

  @Override
  public OverflowView read(long slot) {
    requireOpen();
    requireTag(slot);
    int index = SlotId.index(slot);
    int at = ObjectPageLayout.entryOf(index);
    TablePage counted = table.page(ObjectPageLayout.pageOf(index));
    if (counted == null) {
      throw unknown(slot);
    }
    counted.enter(at);
    boolean handedOver = false;
    try {
      // Loaded again, after the count: see ObjectTable.
      TablePage page = table.page(ObjectPageLayout.pageOf(index));
      if (!page.live(at, SlotId.generation(slot))) {
        throw unknown(slot);
      }
      TablePage.Entry entry = page.entry(at);
      String engine = engines.name(entry.engine());
      Pin pin = data.pin(entry.offset(), entry.size());
      try {
        checkPayload(page, at, entry, pin, slot);
        RegionView view = new RegionView(pin, slot, engine, counted, at);
        handedOver = true;
        return view;
      } finally {
        if (!handedOver) {
          pin.close();
        }
      }
    } finally {
      if (!handedOver) {
        counted.leave(at);
      }
    }
  }

  private void checkPayload(
      TablePage page, int at, TablePage.Entry entry, Pin pin, long slot) {
    PayloadCheck check = options.payloadCheck();
    if (check == PayloadCheck.NEVER || check == PayloadCheck.FIRST_TOUCH && page.verified(at)) {
      return;
    }
    Payloads.check(pin.segment(), entry, data.path, slot);
    page.setVerified(at);
  }

  @Override
  public void free(long slot) {
    requireOpen();
    requireTag(slot);
    slots.free(slot);
  }

  @Override
  public LongStream slots(String engine) {
    requireOpen();
    LongStream.Builder found = LongStream.builder();
    table.forEachLive(
        index -> {
          TablePage.Entry entry =
              table
                  .page(ObjectPageLayout.pageOf(index))
                  .entry(ObjectPageLayout.entryOf(index));
          if (engine == null || engines.name(entry.engine()).equals(engine)) {
            found.add(SlotId.pack(tag, entry.generation(), index));
          }
        });
    return found.build();
  }

  @Override
  public void forceCheckpoint() {
    requireOpen();
    lock.lock();
    try {
      requireOpen();
      if (checkpointer.changed()) {
        checkpointer.force();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean readOnly() {
    return false;
  }

  @Override
  public OverflowStatistics statistics() {
    lock.lock();
    try {
      return new OverflowStatistics(
          table.liveSlots(), table.liveBytes(), data.capacity(), options.maxBytes(),
          space.freeBytes(), space.heldBytes(), store.manifest().latest().checkpoint(),
          committer.logBytes(), 0);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    OverflowException failure = null;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      slots.close();
      if (checkpointer.changed()) {
        checkpointer.force();
      }
    } catch (OverflowException e) {
      failure = e;
    } finally {
      lock.unlock();
    }
    release(failure);
  }

  private void release(OverflowException before) {
    checkpointer.stop();
    committer.stop();
    join(checkpointThread);
    join(commitThread);
    if (leases.last()) {
      context.mappings().release(data.path);
    }
    OverflowException failure = before;
    for (AutoCloseable part : new AutoCloseable[] {committer::close, data, leases, writerLock}) {
      try {
        part.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new OverflowException(
              "overflow: closing region " + files.directory + " failed: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw Payloads.closed(files);
    }
  }

  private void requireTag(long slot) {
    Payloads.requireTag(slot, tag, files);
  }

  private OverflowException unknown(long slot) {
    return Payloads.unknown(slot, table.generation(SlotId.index(slot)), files);
  }

  /** Where the log was cut when the region was opened: file and offset, or null. */
  String cut() {
    return state.cutFile() == null ? null : state.cutFile() + " at " + state.cutOffset();
  }

  /** For tests with a clock of their own. */
  Checkpointer checkpointer() {
    return checkpointer;
  }

  /** For tests that decide when a group is committed. */
  Committer committer() {
    return committer;
  }
}
