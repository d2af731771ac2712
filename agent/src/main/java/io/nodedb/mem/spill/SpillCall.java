package io.nodedb.mem.spill;

import io.nodedb.mem.SpillContext;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One call of user code, with no lock held: of a handler, or of several handlers' {@code coldness}.
 * Whoever claims it runs it; the thread it was handed to, or one that cannot wait for that.
 *
 * <p>What a spill freed is the larger of two figures from the ledgers: how far use fell, and what the
 * handler's thread released. The first misses what others took meanwhile, the second what other
 * threads released or a collector has to find; both are bytes the engine no longer holds.
 */
final class SpillCall implements SpillContext {
  /** What is asked. */
  enum Kind {
    RANK,
    SPILL,
    RESTORE
  }

  /** A call that moves less than this share of what was wanted is not worth another. */
  private static final int WORTH_SHIFT = 8;

  final EngineSpill owner;
  final SpillController controller;
  final Kind kind;
  final List<Handler> handlers;
  final long bytes;

  private final boolean awaited;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final AtomicBoolean reported = new AtomicBoolean();
  private volatile boolean abandoned;

  /** Null until the handler is called. */
  private volatile Consumer<SpillReport> ending;

  /** The one whose code runs now. Written by the running thread, read by any. */
  private volatile Handler at;

  private volatile long began;

  /** The engine's use when the call was decided. */
  final long usedBefore;

  /** When it counts as hung, unless use falls by then. Guarded by the owner, as is the next. */
  long deadline;

  long usedAtDeadline;

  SpillCall(
      SpillController controller, Kind kind, List<Handler> handlers, long bytes, boolean awaited) {
    this.owner = controller.owner;
    this.controller = controller;
    this.kind = kind;
    this.handlers = handlers;
    this.bytes = bytes;
    this.awaited = awaited;
    this.at = handlers.getFirst();
    this.began = owner.now();
    this.usedBefore = owner.engine.usedNow();
    this.usedAtDeadline = usedBefore;
    this.deadline = began + owner.patience();
  }

  @Override
  public String engine() {
    return owner.engine.engine();
  }

  @Override
  public boolean awaited() {
    return awaited;
  }

  @Override
  public boolean abandoned() {
    return abandoned;
  }

  void abandon() {
    abandoned = true;
  }

  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** The one to blame if the call does not end. */
  Handler at() {
    return at;
  }

  /** Sets who is to blame. */
  void at(Handler handler) {
    at = handler;
  }

  /** Whether so many bytes, freed by this call, are worth another. */
  boolean worth(long moved) {
    return moved > bytes >> WORTH_SHIFT;
  }

  /** Runs what this thread has claimed; tells the owner how it ended. */
  void run() {
    began = owner.now();
    if (kind == Kind.RANK) {
      rank();
    } else {
      call(handlers.getFirst());
    }
  }

  private void rank() {
    int[] coldness = new int[handlers.size()];
    for (int i = 0; i < coldness.length && owner.asks(this, handlers.get(i)); i++) {
      int index = i;
      Handler handler = handlers.get(i);
      try {
        owner.asHandler(() -> coldness[index] = handler.spillable.coldness());
      } catch (Throwable e) {
        owner.failed(this, handler, "coldness: " + e);
      }
    }
    owner.ranked(this, coldness);
  }

  private void call(Handler handler) {
    ending = owner.listeners().began(kind == Kind.RESTORE);
    long before = owner.engine.usedNow();
    long[] said = new long[1];
    String failure = null;
    long released = 0;
    try {
      released =
          owner.asHandler(
              () ->
                  said[0] =
                      kind == Kind.SPILL
                          ? handler.spillable.spill(bytes, this)
                          : handler.spillable.restore(bytes, this));
    } catch (Throwable e) {
      failure = e.toString();
    }
    long moved =
        kind == Kind.SPILL ? freed(before, released, said[0]) : owner.engine.usedNow() - before;
    owner.ended(this, said[0], Math.max(0, moved), failure);
  }

  private long freed(long before, long released, long said) {
    long freed = Math.max(released, before - owner.engine.usedNow());
    if (said > freed && owner.engine.used(LedgerKind.HEAP) > 0) {
      // What was let go of on the heap is seen when the collector has found it.
      owner.verify(Math.min(said, bytes) - freed);
      freed = Math.max(freed, before - owner.engine.usedNow());
    }
    return freed;
  }

  /** What is to be said against what a handler says it did; null if nothing is. */
  String against(long said, long moved) {
    if (kind == Kind.RESTORE) {
      return said < 0 ? "says it took " + said + " bytes" : null;
    }
    if (said < 0 || said > Math.max(moved << 1, moved + (64 << 10))) {
      return "says it freed " + said + " bytes, freed " + moved;
    }
    return moved == 0 ? "freed nothing" : null;
  }

  /** Tells listeners how it ended; only the first time. */
  void report(long said, long moved, String failure) {
    if (reported.compareAndSet(false, true)) {
      tell(at, said, moved, failure);
    }
  }

  /** Tells listeners what is to be said against one of those who were asked how cold they are. */
  void blame(Handler handler, String failure) {
    tell(handler, 0, 0, failure);
  }

  private void tell(Handler handler, long said, long moved, String failure) {
    Consumer<SpillReport> end = ending;
    boolean restoring = kind == Kind.RESTORE;
    (end == null ? owner.listeners().began(restoring) : end)
        .accept(
            new SpillReport(
                engine(),
                handler.name(),
                restoring,
                awaited,
                bytes,
                said,
                moved,
                owner.now() - began,
                Optional.ofNullable(failure)));
  }

  /** Use has fallen by that much since it began. */
  long fallen() {
    return Math.max(0, usedBefore - owner.engine.usedNow());
  }
}
