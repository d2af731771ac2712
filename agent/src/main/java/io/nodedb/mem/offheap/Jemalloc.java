package io.nodedb.mem.offheap;

import static io.nodedb.mem.offheap.Native.INT;
import static io.nodedb.mem.offheap.Native.LONG;

import io.nodedb.mem.offheap.JemallocLibrary.Source;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The binding. What a library can do is asked of it, never assumed from its version: distributions
 * build it with and without statistics, and with and without a symbol prefix.
 *
 * <p>Blocks that come from thread caches are allocated by {@code critical} calls, which skip the
 * thread's transition to native and back (5 ns of 20, measured). Larger ones may take locks and map
 * memory; a critical call would hold up safepoints meanwhile, so they go the ordinary way.
 */
final class Jemalloc implements NativeHeap {
  private static final FunctionDescriptor MALLOCX = FunctionDescriptor.of(LONG, LONG, INT);
  private static final FunctionDescriptor SDALLOCX = FunctionDescriptor.ofVoid(LONG, LONG, INT);
  private static final MethodHandle ALLOCATE = Native.handle(MALLOCX);
  private static final MethodHandle FREE = Native.handle(SDALLOCX);
  private static final MethodHandle ALLOCATE_SMALL =
      Native.handle(MALLOCX, Linker.Option.critical(false));
  private static final MethodHandle FREE_SMALL =
      Native.handle(SDALLOCX, Linker.Option.critical(false));

  /** What thread caches hold by default. */
  private static final long SMALL = 32 << 10;

  private static final int ZERO = 0x40;
  private static final int ALIGNMENT_AND_CACHE = 0xfff3f;
  private static final int MAX_INDEX = 0xffd;

  private final JemallocLibrary library;
  private final Mallctl control;
  private final MemorySegment mallocx;
  private final MemorySegment sdallocx;
  private final MemorySegment nallocx;
  private final boolean classesAgree;
  private final boolean classesNumbered;
  private final boolean statistics;
  private final boolean background;
  private final String version;

  Jemalloc(JemallocLibrary library) {
    this.library = library;
    this.mallocx = library.symbol("mallocx");
    this.sdallocx = library.symbol("sdallocx");
    this.nallocx = library.symbol("nallocx");
    this.control =
        new Mallctl(library.symbol("mallctlnametomib"), library.symbol("mallctlbymib"));
    this.statistics =
        control.isTrue("config.stats") && control.readLong("stats.allocated", 0).isPresent();
    this.background = control.knows("background_thread");
    this.version = control.readString("version").orElse("unknown");
    this.classesAgree = classesAgree();
    this.classesNumbered = SizeClasses.numbersAgree(this);
  }

  /**
   * Finds and binds a library.
   *
   * @param configured a path, if the configuration names one
   * @param passedOver receives why candidates were passed over
   * @return the binding, or empty
   */
  static Optional<Jemalloc> find(Optional<Path> configured, List<String> passedOver) {
    JemallocFinder finder = new JemallocFinder();
    Optional<Jemalloc> found = finder.find(configured).map(Jemalloc::new);
    passedOver.addAll(finder.passedOver());
    return found;
  }

  /** How it was found. */
  Source source() {
    return library.source();
  }

  /** Whether the process's {@code malloc} is this library's. */
  boolean preloaded() {
    return library.source() == Source.PRELOADED;
  }

  /** Whether it counts what it does. */
  boolean statistics() {
    return statistics;
  }

  /** Whether it can give memory back in a thread of its own. */
  boolean backgroundThreads() {
    return background;
  }

  Mallctl control() {
    return control;
  }

  @Override
  public String describe() {
    return library.describe() + ", version " + version
        + (library.prefix().isEmpty() ? "" : ", prefix " + library.prefix())
        + (statistics ? ", statistics" : ", no statistics")
        + (background ? ", background threads" : "");
  }

  @Override
  public long usable(long size, long alignment) {
    if (classesAgree
        && size <= SizeClasses.MAX_SIZE
        && alignment <= SizeClasses.MAX_ALIGNMENT) {
      return SizeClasses.of(size, alignment);
    }
    long bytes = nallocx(size, alignment);
    return bytes <= 0 ? Long.MAX_VALUE : bytes;
  }

  @Override
  public boolean classesNumbered() {
    return classesNumbered;
  }

  @Override
  public long allocate(long size, long alignment, int place, boolean zero) {
    int flags = place | Long.numberOfTrailingZeros(alignment) | (zero ? ZERO : 0);
    try {
      return size <= SMALL
          ? (long) ALLOCATE_SMALL.invokeExact(mallocx, size, flags)
          : (long) ALLOCATE.invokeExact(mallocx, size, flags);
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  @Override
  public void free(long address, long size, long alignment, int place) {
    int flags = (place & ALIGNMENT_AND_CACHE) | Long.numberOfTrailingZeros(alignment);
    try {
      if (size <= SMALL) {
        FREE_SMALL.invokeExact(sdallocx, address, size, flags);
      } else {
        FREE.invokeExact(sdallocx, address, size, flags);
      }
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  @Override
  public int place(int arena, int cache) {
    return (arena < 0 || arena > MAX_INDEX ? 0 : (arena + 1) << 20)
        | (cache == NO_CACHE ? 1 << 8 : cache < 0 || cache > MAX_INDEX ? 0 : (cache + 2) << 8);
  }

  @Override
  public int newCache() {
    int cache = control.readInt("tcache.create").orElse(-1);
    if (cache > MAX_INDEX) {
      dropCache(cache);
      return -1;
    }
    return cache;
  }

  @Override
  public void dropCache(int cache) {
    control.writeInt("tcache.destroy", cache);
  }

  @Override
  public int newArena() {
    int arena = control.readInt("arenas.create").orElse(-1);
    return arena > MAX_INDEX ? -1 : arena;
  }

  long nallocx(long size, long alignment) {
    try {
      return (long)
          ALLOCATE.invokeExact(nallocx, size, Long.numberOfTrailingZeros(alignment));
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  private boolean classesAgree() {
    for (long alignment = 1; alignment <= SizeClasses.MAX_ALIGNMENT; alignment <<= 2) {
      for (long size = 1; size <= SizeClasses.MAX_SIZE; size += (size >> 2) + 1) {
        if (SizeClasses.of(size, alignment) != nallocx(size, alignment)) {
          return false;
        }
      }
    }
    return true;
  }
}
