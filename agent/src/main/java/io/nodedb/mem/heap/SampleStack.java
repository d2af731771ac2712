package io.nodedb.mem.heap;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * New samples on their way to {@link SampleTable}. Any thread pushes with one CAS and no lock; the
 * holder of the ledger's lock takes all at once, so there is no ABA. On the stack a sample is
 * strongly reachable already.
 *
 * <p>A field updater rather than a {@code VarHandle}, whose call sites are linked at their first
 * execution by a good deal of Java code: nothing to do in the middle of an allocation.
 */
final class SampleStack {
  private static final AtomicReferenceFieldUpdater<SampleStack, SampleRef> HEAD =
      AtomicReferenceFieldUpdater.newUpdater(SampleStack.class, SampleRef.class, "head");

  private volatile SampleRef head;

  /** Seed for rounding. Racy on purpose: a lost update repeats a number. */
  private long seed;

  SampleStack(long seed) {
    this.seed = seed;
  }

  void push(SampleRef ref) {
    SampleRef top;
    do {
      top = head;
      ref.next = top;
    } while (!HEAD.compareAndSet(this, top, ref));
  }

  /** Empties the stack and returns what was on top of it, linked by {@link SampleRef#next}. */
  SampleRef takeAll() {
    return head == null ? null : HEAD.getAndSet(this, null);
  }

  /** A number that is random enough to round by. */
  long random() {
    seed += 0x9e3779b97f4a7c15L;
    return SampleWeight.mix(seed);
  }
}
