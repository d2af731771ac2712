package io.nodedb.mem.heap;

/**
 * All heap ledgers together, beside the heap. What gates have admitted for arrays about to be allocated
 * is left out: an array is sampled as soon as it is there, and until its thread passes the next gate,
 * or some milliseconds have gone by, it would count twice.
 *
 * @param charged bytes that all engines hold by their ledgers, as the last collection left them
 * @param inUse bytes of the heap in use, dead objects that no collection has removed among them
 * @param interval bytes between two samples of the ledgers; 0 if they are not made of samples
 */
public record HeapUse(long charged, long inUse, int interval) {
  /** The one in which less is charged beyond what is in use. */
  HeapUse orCloser(HeapUse other) {
    return other.charged - other.inUse < charged - inUse ? other : this;
  }
}
