package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
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
 * allocates, commits and checkpoints is in {@link SpaceKeeper}, {@link Committer} and {@link
 * Checkpointer}, which share one lock with it. Payloads are copied and checked outside that lock.
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
  private final Thread commitThread;
  private final Thread checkpointThread;
  private final ReentrantLock lock = new ReentrantLock();
  private final int tag;
  private volatile boolean closed;

  // Guarded by lock.
  private long nextCheckpoint;
  private ObjectTable.Frozen frozen;

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
    this.nextCheckpoint = state.nextCheckpoint();
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
    this.checkpointer =
        new Checkpointer(
            files, this::makeCheckpoint, context.nanos(), options.checkpointLogBytes(),
            options.checkpointAge().toNanos(), lock, committer,
            state.replayed() > 0 ? -1 : committer.lastLsn());
    this.space =
        new SpaceKeeper(files, context, options, state, data, store, committer, checkpointer);
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
    long size = payload.byteSize();
    Objects.requireNonNull(engine, "engine");
    requireOpen();
    SpaceKeeper.Place place;
    lock.lock();
    try {
      engines.check(engine);
      place = space.take(size, engine);
    } finally {
      lock.unlock();
    }
    boolean written = false;
    try {
      int crc = data.write(place.offset(), payload);
      long slot = commit(place, size, crc, engine);
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

  /** Logs the slot, makes it readable, and waits if the policy says so. */
  private long commit(SpaceKeeper.Place place, long size, int crc, String engine) {
    lock.lock();
    try {
      requireOpen();
      committer.makeRoom(2);
      int number = engines.number(engine);
      if (number < 0) {
        number = engines.add(engine);
        committer.engine(number, engine);
      }
      int index = place.index();
      TablePage.Entry entry =
          new TablePage.Entry(
              SlotId.nextGeneration(table.generation(index)), place.offset(), size, crc, number,
              nextCheckpoint);
      long lsn = committer.write(index, entry);
      table.put(index, entry, true);
      place.use();
      checkpointer.appended();
      if (options.durability() == Durability.SYNC) {
        awaitOrUndo(lsn, index, entry);
      }
      return SlotId.pack(tag, entry.generation(), index);
    } finally {
      lock.unlock();
    }
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
    int index = SlotId.index(slot);
    lock.lock();
    try {
      requireOpen();
      committer.makeRoom(1);
      if (!table.live(index, SlotId.generation(slot))) {
        throw unknown(slot);
      }
      long lsn = freeLogged(index, SlotId.generation(slot));
      checkpointer.appended();
      if (options.durability() == Durability.SYNC) {
        committer.awaitDurable(lsn);
      }
    } finally {
      lock.unlock();
    }
  }

  private long freeLogged(int index, int generation) {
    long lsn = committer.free(index, generation);
    TablePage.Entry entry = table.free(index);
    space.hold(index, entry, lsn, nextCheckpoint);
    return lsn;
  }

  @Override
  public LongStream slots(String engine) {
    requireOpen();
    LongStream.Builder slots = LongStream.builder();
    table.forEachLive(
        index -> {
          TablePage.Entry entry =
              table
                  .page(ObjectPageLayout.pageOf(index))
                  .entry(ObjectPageLayout.entryOf(index));
          if (engine == null || engines.name(entry.engine()).equals(engine)) {
            slots.add(SlotId.pack(tag, entry.generation(), index));
          }
        });
    return slots.build();
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

  /** On the checkpointer's thread. */
  private long makeCheckpoint() throws IOException {
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
        table.thaw();
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
    frozen = table.freeze();
    store.beginning(nextCheckpoint);
    return new CheckpointLayout(
        state.region(), nextCheckpoint++, context.wall().millis(), committer.log().number,
        committer.log().startLsn, frozen.pages().length, frozen.slots(), frozen.liveSlots(),
        frozen.liveBytes(), data.generation, space.end(), engines.names());
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
