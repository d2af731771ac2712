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
 */
public record Resident(
    long rss, long used, long jvm, long unattributed, long heapCommitted, long heapUsed) {

  /** For a figure that the system does not tell. */
  public static final long UNKNOWN = -1;

  /** Shares out the resident set. */
  static Resident of(
      long rss, long used, long jvmEstimate, long heapCommitted, long heapUsed) {
    if (rss == UNKNOWN) {
      return new Resident(UNKNOWN, used, jvmEstimate, UNKNOWN, heapCommitted, heapUsed);
    }
    long rest = Math.max(0, rss - used);
    long jvm = Math.min(jvmEstimate, rest);
    return new Resident(rss, used, jvm, rest - jvm, heapCommitted, heapUsed);
  }
}
