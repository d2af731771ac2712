package io.nodedb.mem.heap;

/**
 * Keeps the samples strongly reachable, for a weak reference that is itself unreachable is never
 * enqueued. A doubly linked list through the samples: adding and removing take constant time and
 * allocate nothing. Guarded by the ledger's lock.
 */
final class SampleList {
  private final SampleRef head = new SampleRef(null, null, 0, null, 0);
  private long size;

  SampleList() {
    head.next = head;
    head.previous = head;
  }

  void add(SampleRef ref) {
    ref.previous = head;
    ref.next = head.next;
    head.next.previous = ref;
    head.next = ref;
    size++;
  }

  boolean holds(SampleRef ref) {
    return ref.previous != null;
  }

  void remove(SampleRef ref) {
    ref.previous.next = ref.next;
    ref.next.previous = ref.previous;
    ref.previous = null;
    ref.next = null;
    size--;
  }

  long size() {
    return size;
  }

  /** The first sample, or null. */
  SampleRef first() {
    return after(head);
  }

  /** The sample after one that is in the list, or null at the end. */
  SampleRef after(SampleRef ref) {
    return ref.next == head ? null : ref.next;
  }
}
