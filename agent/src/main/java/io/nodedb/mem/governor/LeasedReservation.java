package io.nodedb.mem.governor;

import io.nodedb.mem.Reservation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * A reservation made from a lease.
 *
 * <p>{@code state} decides who acts: {@link #close} moves OPEN to CLOSED and releases; a change of
 * size or engine holds BUSY meanwhile, one at a time under the monitor. A close that meets BUSY
 * leaves CLOSING behind, and the change releases when it is done: so closing never waits, not even
 * for a change that waits for room.
 */
final class LeasedReservation implements Reservation {
  private static final int OPEN = 0;
  private static final int BUSY = 1;
  private static final int CLOSING = 2;
  private static final int CLOSED = 3;
  private static final VarHandle STATE;

  static {
    try {
      STATE =
          MethodHandles.lookup().findVarHandle(LeasedReservation.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Written by the holder of BUSY; published by the state's return to OPEN. */
  private Lease lease;

  private long bytes;
  private volatile int state;

  LeasedReservation(Lease lease, long bytes) {
    this.lease = lease;
    this.bytes = bytes;
  }

  @Override
  public String engine() {
    return state >= 0 ? lease.cell.engine.engine() : null;
  }

  @Override
  public long bytes() {
    return state >= CLOSING ? 0 : bytes;
  }

  @Override
  public void close() {
    if (STATE.compareAndSet(this, OPEN, CLOSED)) {
      giveBack();
    } else {
      closeSlowly();
    }
  }

  private void closeSlowly() {
    while (state < CLOSING) {
      if (STATE.compareAndSet(this, OPEN, CLOSED)) {
        giveBack();
      } else {
        STATE.compareAndSet(this, BUSY, CLOSING);
      }
    }
  }

  @Override
  public synchronized void resize(long newBytes) {
    if (newBytes < 0) {
      throw new IllegalArgumentException("bytes: " + newBytes + " (expected: 0 or more)");
    }
    begin();
    try {
      long more = newBytes - bytes;
      if (more > 0) {
        if (!lease.take(more)) {
          lease.cell.engine.admit(LedgerKind.RESERVED, more);
          lease.grant(more, 0);
        }
      } else {
        lease.give(-more);
      }
      bytes = newBytes;
    } finally {
      end();
    }
  }

  @Override
  public synchronized void transferTo(String name) {
    begin();
    try {
      Lease from = lease;
      Engine engine = from.cell.engine;
      Engine to = engine.sibling(name);
      if (to != engine) {
        // Made first: once bytes are charged nothing may fail any more.
        Lease moved = to.leases.own(0);
        try {
          if (bytes > 0) {
            to.receive(LedgerKind.RESERVED, bytes);
          }
        } catch (Throwable e) {
          moved.released();
          throw e;
        }
        moved.grant(bytes, 0);
        from.cell.forget(bytes);
        engine.handOver(LedgerKind.RESERVED, bytes);
        from.released();
        lease = moved;
      }
    } finally {
      end();
    }
  }

  private void begin() {
    if (!STATE.compareAndSet(this, OPEN, BUSY)) {
      // The monitor keeps other threads out, so a change under way is this thread's own.
      throw new IllegalStateException(
          "reservation of engine '" + lease.cell.engine.engine() + "' is "
              + (state == BUSY ? "being changed by this thread" : "closed"));
    }
  }

  private void end() {
    if (!STATE.compareAndSet(this, BUSY, OPEN)) {
      state = CLOSED;
      giveBack();
    }
  }

  private void giveBack() {
    Lease l = lease;
    if (bytes > 0) {
      l.give(bytes);
    }
    l.released();
    // Until here the lease was in use: its cell must not be taken for leaked.
    Reference.reachabilityFence(l);
  }
}
