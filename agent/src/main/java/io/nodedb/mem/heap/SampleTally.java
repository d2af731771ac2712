package io.nodedb.mem.heap;

import java.util.concurrent.atomic.LongAdder;

/** One engine's sampling statistics. Thread-safe; reads are racy sums. */
final class SampleTally {
  /** Weight of all samples charged. */
  final LongAdder charged = new LongAdder();

  /** Part of {@link #charged} that other engines allocated and transferred. */
  final LongAdder received = new LongAdder();

  /** Weight of those given back. */
  final LongAdder released = new LongAdder();

  /** Samples charged. */
  final LongAdder samples = new LongAdder();

  /** Samples not taken because too many are tracked. */
  final LongAdder dropped = new LongAdder();

  /** Weight of all that virtual threads allocated, whose exact count the JVM does not tell. */
  final LongAdder onVirtual = new LongAdder();

  void charge(long weight) {
    charged.add(weight);
    samples.increment();
  }

  SampledHeap read() {
    // What is released was charged before: read in this order, the difference is never negative.
    long gone = released.sum();
    long all = charged.sum();
    return new SampledHeap(Math.max(0, all - gone), all, samples.sum(), dropped.sum());
  }

  void reset() {
    charged.reset();
    received.reset();
    released.reset();
    samples.reset();
    dropped.reset();
    onVirtual.reset();
  }
}
