package io.nodedb.mem.heap;

import io.nodedb.mem.hook.SampleHook;

/**
 * Switches the JVM's allocation sampling on and off. There is one JVM, so all is static. Thread-safe.
 */
public final class Sampler {
  private Sampler() {}

  /**
   * Starts sampling into a ledger. Threads that exist already may allocate up to about 512 KiB each
   * before their first sample, which then stands for those bytes.
   *
   * @param ledger where samples go
   * @param interval bytes between samples on average, 0 for every allocation
   * @return whether it runs, and why not
   */
  public static synchronized SamplerStatus start(SampleLedger ledger, int interval) {
    SamplerStatus status = SamplerLibrary.load();
    if (!status.running()) {
      return status;
    }
    ledger.warmUp();
    SampleHook.install(ledger);
    int error = SamplerLibrary.start(SampleHook.class, interval);
    if (error != SamplerLibrary.OK) {
      SampleHook.install(null);
    }
    return status(error);
  }

  /**
   * Changes the interval. A sample that was drawn by the old one is still weighted by it.
   *
   * @param interval bytes between samples on average, 0 for every allocation
   * @return whether that was accepted
   */
  public static synchronized SamplerStatus interval(int interval) {
    SamplerStatus status = SamplerLibrary.load();
    return status.running() ? status(SamplerLibrary.setInterval(interval)) : status;
  }

  /** Stops sampling. What is in the ledger stays there until it is collected. */
  public static synchronized void stop() {
    if (SamplerLibrary.load().running()) {
      SamplerLibrary.stop();
      SampleHook.install(null);
    }
  }

  /**
   * What the native callback counted since the JVM started.
   *
   * @return counts, all zero where there is no library
   */
  public static SamplerCounters counters() {
    if (!SamplerLibrary.load().running()) {
      return new SamplerCounters(0, 0, 0);
    }
    return new SamplerCounters(
        SamplerLibrary.counter(SamplerLibrary.CALLS),
        SamplerLibrary.counter(SamplerLibrary.FAILED),
        SamplerLibrary.counter(SamplerLibrary.LOW_STACK));
  }

  private static SamplerStatus status(int error) {
    return switch (error) {
      case SamplerLibrary.OK -> new SamplerStatus(SamplerStatus.Kind.RUNNING, "sampling");
      case SamplerLibrary.ERROR_CAPABILITY_HELD ->
          new SamplerStatus(
              SamplerStatus.Kind.CAPABILITY_HELD,
              "another agent samples allocations in this JVM (a profiler's allocation mode?)"
                  + " and the JVM lets only one do so; start without it for a sampled ledger");
      case SamplerLibrary.ERROR_NO_JVMTI ->
          new SamplerStatus(SamplerStatus.Kind.REFUSED, "this JVM has no JVMTI 11");
      case SamplerLibrary.ERROR_NO_METHOD ->
          new SamplerStatus(
              SamplerStatus.Kind.REFUSED,
              "the hook classes are of another version than the library"
                  + " (is another nodedb-mem agent in this JVM?)");
      default ->
          new SamplerStatus(SamplerStatus.Kind.REFUSED, "the JVM answered JVMTI error " + error);
    };
  }
}
