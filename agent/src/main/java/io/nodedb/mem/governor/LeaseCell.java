package io.nodedb.mem.governor;

import java.lang.ref.PhantomReference;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What outlives a {@link Lease}: how many bytes are charged to the engine for it. When the lease is
 * unreachable it is closed and has nothing at hand, so all of them have leaked.
 */
final class LeaseCell extends PhantomReference<Lease> {
  final Engine engine;

  /** Where the first reservation was made that it serves. */
  final Throwable made;

  private final AtomicLong granted = new AtomicLong();
  private final LeaseLeaks leaks;

  private LeaseCell(Lease lease, Engine engine, LeaseLeaks leaks) {
    super(lease, leaks.queue());
    this.leaks = leaks;
    this.engine = engine;
    this.made = new Throwable("reserved here");
  }

  /** Made, and watched. */
  static LeaseCell of(Lease lease, Engine engine, LeaseLeaks leaks) {
    LeaseCell cell = new LeaseCell(lease, engine, leaks);
    leaks.watch(cell);
    return cell;
  }

  /** Bytes just admitted. */
  void grant(long bytes) {
    granted.addAndGet(bytes);
  }

  /** Bytes that moved to another engine. */
  void forget(long bytes) {
    granted.addAndGet(-bytes);
  }

  /** What is charged to the engine for it. */
  long granted() {
    return granted.get();
  }

  void toEngine(long bytes) {
    forget(bytes);
    engine.subtract(LedgerKind.RESERVED, bytes);
  }

  void unwatch() {
    leaks.unwatch(this);
  }
}
