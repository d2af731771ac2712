package io.nodedb.mem.benchmarks.cost;

import com.google.monitoring.runtime.instrumentation.AllocationRecorder;
import com.google.monitoring.runtime.instrumentation.Sampler;

/**
 * The least that a user of java-allocation-instrumenter does: counts. Without synchronization, so
 * that what is measured is the instrumenter; counts of threads that race are lost.
 */
final class CountingSampler implements Sampler {
  private static long objects;
  private static long bytes;

  private CountingSampler() {}

  static void register() {
    AllocationRecorder.addSampler(new CountingSampler());
  }

  static long objects() {
    return objects;
  }

  @Override
  public void sampleAllocation(int count, String type, Object object, long size) {
    objects++;
    bytes += size;
  }
}
