package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import java.lang.ref.Reference;

/**
 * Gives an engine's objects to another engine: those samples whose objects a root keeps alive. The
 * sum is an estimate as every figure of the ledger is, and exact where the samples are.
 *
 * <p>Thread-safe: one transfer at a time, without the ledger's lock while the heap is walked and
 * while room is made, for both may take long. Meanwhile the objects are held, so no sample in
 * question is given back.
 */
final class ObjectTransfer {
  /** References that one walk follows at the most: some seconds, in which all threads stand still. */
  static final long MOST_EDGES = 50_000_000;

  private final SampleLedger samples;
  private final long mostEdges;

  ObjectTransfer(SampleLedger samples) {
    this(samples, MOST_EDGES);
  }

  ObjectTransfer(SampleLedger samples, long mostEdges) {
    this.samples = samples;
    this.mostEdges = mostEdges;
  }

  /** Bytes moved. See {@link io.nodedb.mem.MemoryGovernor#transferObjects}. */
  synchronized long transfer(Object root, Engine from, Engine to) {
    int room = (int) Math.min(Integer.MAX_VALUE >> 1, samples.tracked());
    SampleRef[] refs = new SampleRef[room];
    Object[] objects = new Object[room];
    int count = samples.hold(from.id(), refs, objects);
    long bytes = keepReachable(root, refs, objects, count);
    if (bytes > 0) {
      from.transfer(to, LedgerKind.HEAP, bytes, () -> samples.move(refs, from.id(), to.id()));
    }
    Reference.reachabilityFence(objects);
    return bytes;
  }

  /** Leaves in the arrays what is reachable, and lets go of the rest. Returns its weight. */
  private long keepReachable(Object root, SampleRef[] refs, Object[] objects, int count) {
    Object[] sought = new Object[count];
    int isRoot = -1;
    for (int i = 0; i < count; i++) {
      if (objects[i] == root) {
        isRoot = i; // Is tagged as the root; that it is reachable needs no search.
      } else {
        sought[i] = objects[i];
      }
    }
    byte[] met = new byte[count];
    if (count > 0) {
      check(SamplerLibrary.reachable(root, sought, met, mostEdges));
    }
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      if (met[i] != 0 || i == isRoot) {
        bytes += refs[i].weight;
      } else {
        refs[i] = null;
        objects[i] = null;
      }
    }
    return bytes;
  }

  private void check(int error) {
    if (error == SamplerLibrary.ERROR_TOO_MANY) {
      throw new IllegalArgumentException(
          "transferObjects: root: more than " + mostEdges + " references lead on from it"
              + " (expected: a root that keeps one structure; one that reaches a thread or a"
              + " class loader reaches nearly everything)");
    }
    if (error != SamplerLibrary.OK) {
      throw new UnsupportedOperationException(
          "transferObjects: this JVM does not let objects be found (JVMTI error " + error
              + "); state the bytes instead: transfer(from, to, bytes)");
    }
  }
}
