package io.nodedb.mem.offheap;

import java.lang.foreign.MemorySegment;
import java.util.NoSuchElementException;

/**
 * A jemalloc in this process.
 *
 * @param source how it was found
 * @param file where it is
 * @param handle the linker's; {@link MemorySegment#NULL} for the whole process
 * @param prefix what its symbols begin with
 */
record JemallocLibrary(Source source, String file, MemorySegment handle, String prefix) {
  /** How a library was found, in the order of search. */
  enum Source {
    /** It was in the process, and the process's {@code malloc} is its. */
    PRELOADED,
    /** It was in the process, which uses another {@code malloc}. */
    LOADED,
    /** It is the one that the configuration names. */
    CONFIGURED,
    /** It is installed on the system. */
    SYSTEM,
    /** It came with the agent. */
    CARRIED
  }

  MemorySegment symbol(String name) {
    return Native.symbol(handle, prefix + name)
        .orElseThrow(() -> new NoSuchElementException(file + ": no symbol " + prefix + name));
  }

  String describe() {
    return "jemalloc (" + source.name().toLowerCase(java.util.Locale.ROOT) + ": " + file + ")";
  }
}
