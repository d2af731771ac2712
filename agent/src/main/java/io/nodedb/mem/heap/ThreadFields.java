package io.nodedb.mem.heap;

import java.util.Optional;
import java.util.function.LongSupplier;
import jdk.internal.misc.Unsafe;

/**
 * The current thread's count of allocated bytes, from where the JVM keeps it: {@code
 * Thread::cooked_allocated_bytes} of HotSpot's thread.inline.hpp, in Java. A change of engine reads
 * it twice, and by the management bean a call into the JVM takes most of the time of that.
 *
 * <p>Where the fields are, HotSpot tells the serviceability agent (vmStructs.cpp), and the native
 * library this class. Nothing is assumed: without all four places, or if what is read is not what the
 * bean says, there is no such reader.
 */
final class ThreadFields {
  private static final int TRIALS = 32;

  /** Where a platform thread keeps the address of the JVM's own thread object. */
  private static final String NATIVE_THREAD = "eetop";

  /** Keeps what {@link #agrees} allocates from being left out. */
  private static volatile byte[] allocated;

  private final Unsafe unsafe = Unsafe.getUnsafe();
  private final long nativeThread;
  private final long bytes;
  private final long start;
  private final long top;

  private ThreadFields(String nativeThreadField) {
    nativeThread = unsafe.objectFieldOffset(Thread.class, nativeThreadField);
    bytes = SamplerLibrary.offsetOf("Thread", "_allocated_bytes");
    long tlab = SamplerLibrary.offsetOf("Thread", "_tlab");
    start = tlab + SamplerLibrary.offsetOf("ThreadLocalAllocBuffer", "_start");
    top = tlab + SamplerLibrary.offsetOf("ThreadLocalAllocBuffer", "_top");
    if (bytes <= 0 || tlab <= 0 || start < tlab || top < tlab) {
      throw new UnsupportedOperationException();
    }
  }

  /**
   * The reader, if there is one in this JVM.
   *
   * @param bean what it must agree with, for a platform thread
   */
  static Optional<ThreadFields> find(LongSupplier bean) {
    return find(bean, NATIVE_THREAD);
  }

  /** For a JVM that may call the field something else. */
  static Optional<ThreadFields> find(LongSupplier bean, String nativeThreadField) {
    if (!SamplerLibrary.load().running()) {
      return Optional.empty();
    }
    try {
      ThreadFields fields = new ThreadFields(nativeThreadField);
      return fields.agrees(bean) ? Optional.of(fields) : Optional.empty();
    } catch (RuntimeException | LinkageError | InternalError e) {
      // A JVM that keeps it elsewhere (for a field that is not there it is an InternalError), or
      // lends nobody its Unsafe: the bean is as good, and slower.
      return Optional.empty();
    }
  }

  /** Bytes the current thread has allocated; -1 on a virtual thread, as the bean says. */
  long current() {
    long thread = unsafe.getLong(Thread.currentThread(), nativeThread);
    if (thread == 0) {
      return -1;
    }
    long from = unsafe.getLong(thread + start);
    long to = unsafe.getLong(thread + top);
    long retired = unsafe.getLong(thread + bytes);
    return to > from ? retired + (to - from) : retired;
  }

  /** Reads beside the bean while it allocates, past the ends of some buffers. */
  private boolean agrees(LongSupplier bean) {
    for (int i = 0; i < TRIALS; i++) {
      allocated = new byte[i << 10];
      long before = bean.getAsLong();
      long here = current();
      long after = bean.getAsLong();
      if (before <= 0 || here < before || here > after) {
        return false;
      }
    }
    allocated = null;
    return true;
  }
}
