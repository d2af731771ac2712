package io.nodedb.mem.governor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What application code charges to an engine by itself: in the reserved ledger, but apart from what
 * reservations hold there. Thread-safe.
 */
final class PublicCharge {
  private static final VarHandle HELD;

  static {
    try {
      HELD = MethodHandles.lookup().findVarHandle(PublicCharge.class, "held", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Engine engine;

  /** A field rather than an AtomicLong: a load less right behind a CAS. */
  private volatile long held;

  PublicCharge(Engine engine) {
    this.engine = engine;
  }

  long held() {
    return held;
  }

  /** Counts bytes that were charged to the reserved ledger just now. */
  void add(long bytes) {
    HELD.getAndAdd(this, bytes);
  }

  /** Gives back what there is of so many bytes; more is an over-release. */
  void release(long bytes) {
    long now;
    long released;
    do {
      now = held;
      released = Math.min(now, bytes);
    } while (!HELD.compareAndSet(this, now, now - released));
    engine.subtract(LedgerKind.RESERVED, released);
    if (released < bytes) {
      engine.overReleased(bytes - released);
    }
  }

  /**
   * Moves bytes to another engine's. Room is made first, so that a refusal leaves everything as it
   * was, and a release at the same time is no over-release.
   *
   * @throws IllegalArgumentException if there are less
   */
  void transfer(Engine to, long bytes) {
    require(held, bytes);
    to.receive(LedgerKind.RESERVED, bytes);
    long now;
    do {
      now = held;
      if (now < bytes) {
        to.handOver(LedgerKind.RESERVED, bytes);
        require(now, bytes);
      }
    } while (!HELD.compareAndSet(this, now, now - bytes));
    to.charged.add(bytes);
    engine.handOver(LedgerKind.RESERVED, bytes);
  }

  private void require(long there, long bytes) {
    if (bytes > there) {
      throw new IllegalArgumentException(
          "bytes: " + bytes + " (expected: at most " + there + ", what is charged to engine '"
              + engine.engine() + "')");
    }
  }
}
