package io.nodedb.mem.resident;

/**
 * What the process occupies at one moment. Sizes are bytes, {@link #UNKNOWN} where the system does
 * not say.
 *
 * <p>{@code used + unattributed + jvm == rss} whenever {@code used <= rss}. An engine may be charged
 * for memory that is not resident: a reservation not filled yet, a window not read. Then {@code used}
 * alone may exceed {@code rss}, and the other two are 0, never negative.
 *
 * @param rss the process's resident set
 * @param used what engines are charged
 * @param jvm memory of the JVM's own: non-heap pools as committed, and estimates of what the JVM does
 *     not tell, see {@link ResidentProbe}; no more than what {@code used} leaves of {@code rss}
 * @param unattributed the rest: heap and native memory outside every scope, free heap that was
 *     touched, shared libraries and archives
 * @param heapCommitted the Java heap's committed size
 * @param heapUsed the Java heap's use, garbage included
 * @param groupHeld what the control group holds and the kernel cannot just drop
 * @param groupLimit the control group's limit
 * @param stalled percent of the last ten seconds in which a task stood still for want of memory
 */
public record Resident(
    long rss,
    long used,
    long jvm,
    long unattributed,
    long heapCommitted,
    long heapUsed,
    long groupHeld,
    long groupLimit,
    double stalled) {

  /** For a figure that the system does not tell. */
  public static final long UNKNOWN = -1;

  /** Shares out the resident set, of a process in no control group. */
  static Resident of(
      long rss, long used, long jvmEstimate, long heapCommitted, long heapUsed) {
    long rest = rss == UNKNOWN ? 0 : Math.max(0, rss - used);
    long jvm = rss == UNKNOWN ? jvmEstimate : Math.min(jvmEstimate, rest);
    long unattributed = rss == UNKNOWN ? UNKNOWN : rest - jvm;
    return new Resident(
        rss, used, jvm, unattributed, heapCommitted, heapUsed, UNKNOWN, UNKNOWN, UNKNOWN);
  }

  Resident in(ControlGroup group) {
    return new Resident(
        rss,
        used,
        jvm,
        unattributed,
        heapCommitted,
        heapUsed,
        group.held().orElse(UNKNOWN),
        group.limit().orElse(UNKNOWN),
        group.stalled().orElse(UNKNOWN));
  }
}
