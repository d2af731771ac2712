package io.nodedb.mem.heap;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One sampled object and the bytes it stands for.
 *
 * <p>Whoever moves {@link #state} from {@link #PENDING} to {@link #CHARGED} charges the weight, once;
 * whoever moves it to {@link #GONE}, under the ledger's lock, gives it back.
 */
final class SampleRef extends WeakReference<Object> {
  /** Not charged yet. */
  static final int PENDING = 0;

  /** Charged, or about to be by the thread that said so. */
  static final int CHARGED = 1;

  /** Given back. */
  static final int GONE = 2;

  private static final AtomicIntegerFieldUpdater<SampleRef> STATE =
      AtomicIntegerFieldUpdater.newUpdater(SampleRef.class, "state");

  /**
   * The engine that owns the object: that which allocated it until it is transferred. Changed under
   * the ledger's lock; the allocating thread, which may still be about to charge the weight, goes by
   * what it has on its stack.
   */
  int engine;

  /** The innermost budgeted call it was allocated in, or null. Changed as the engine is. */
  CallBudget call;

  /** Bytes. */
  final long weight;

  /** As {@link #place}: not in the table. */
  static final int NOWHERE = -1;

  /**
   * Next on the stack it was pushed to. Written by the pushing thread before its CAS publishes this,
   * then under the ledger's lock.
   */
  SampleRef next;

  /** In {@link SampleTable}. Under the ledger's lock. */
  int place = NOWHERE;

  private volatile int state;

  SampleRef(
      Object object, ReferenceQueue<Object> queue, int engine, CallBudget call, long weight) {
    super(object, queue);
    this.engine = engine;
    this.call = call;
    this.weight = weight;
  }

  /** Takes it upon the caller to charge the weight; false if somebody else has. */
  boolean claim() {
    return STATE.compareAndSet(this, PENDING, CHARGED);
  }

  /** Under the ledger's lock, for a charged sample. */
  void gone() {
    state = GONE;
  }

  boolean isGone() {
    return state == GONE;
  }
}
