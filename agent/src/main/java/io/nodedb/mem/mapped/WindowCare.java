package io.nodedb.mem.mapped;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import io.nodedb.mem.Registration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;

/**
 * What the kernel is told of windows that are mapped: ahead, cold, out, locked. A window is held
 * while it is spoken of, so it can't be unmapped meanwhile; holding counts as no use.
 */
final class WindowCare {
  private final MappingSettings settings;
  private final WindowPool pool;

  /** Guarded by the pool's lock. */
  private long lockedBytes;

  WindowCare(MappingSettings settings, WindowPool pool) {
    this.settings = settings;
    this.pool = pool;
  }

  /** Reads ahead what is mapped and what is not. Under the file's lock. */
  void prefetch(MappedFile file, long offset, long length) {
    if (offset < 0 || length <= 0) {
      return;
    }
    Window window = file.findMapped(offset, length, false);
    int cell = PinCount.cell();
    if (window == null || !window.pins.tryHold(cell)) {
      LibC.fadvise(file.fd, offset, length, LibC.FADV_WILLNEED);
      return;
    }
    try {
      long skip = (offset - window.start) / LibC.PAGE * LibC.PAGE;
      LibC.madvise(
          window.address + skip, offset - window.start + length - skip, LibC.MADV_WILLNEED);
    } finally {
      drop(window, cell);
    }
  }

  static int code(MapAdvice advice) {
    return switch (advice) {
      case NORMAL -> LibC.MADV_NORMAL;
      case RANDOM -> LibC.MADV_RANDOM;
      case SEQUENTIAL -> LibC.MADV_SEQUENTIAL;
    };
  }

  void advise(MappedFile file, MapAdvice advice) {
    each(
        window -> {
          if (window.file == file) {
            LibC.madvise(window.address, window.bytes, code(advice));
          }
          return 0;
        });
  }

  /** Advises on windows not used for some time; the bytes of those the kernel accepted. */
  long advise(Duration age, int advice) {
    pool.tick();
    long now = pool.stamp();
    return each(
        window -> {
          boolean cold = now - window.lastUse() >= age.toNanos() && window.locks == 0;
          return cold && LibC.madvise(window.address, window.bytes, advice) == 0
              ? window.bytes
              : 0;
        });
  }

  long resident(String engine) {
    return each(
        window ->
            engine == null || window.owner.engine.equals(engine) ? resident(window) : 0);
  }

  private static long resident(Window window) {
    long pages = window.bytes / LibC.PAGE;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = arena.allocate(pages);
      if (LibC.mincore(window.address, window.bytes, map) < 0) {
        return 0;
      }
      long resident = 0;
      for (long i = 0; i < pages; i++) {
        resident += map.get(ValueLayout.JAVA_BYTE, i) & 1;
      }
      return resident * LibC.PAGE;
    }
  }

  private long each(ToLongFunction<Window> action) {
    long sum = 0;
    int cell = PinCount.cell();
    for (Window window : pool.windows()) {
      if (window.pins.tryHold(cell)) {
        try {
          sum += action.applyAsLong(window);
        } finally {
          drop(window, cell);
        }
      }
    }
    return sum;
  }

  private void drop(Window window, int cell) {
    window.pins.unpin(cell);
    pool.unpinned();
  }

  long lockedBytes() {
    pool.lock.lock();
    try {
      return lockedBytes;
    } finally {
      pool.lock.unlock();
    }
  }

  /** Locks a window that the caller has pinned. */
  Registration lock(Window window) {
    pool.lock.lock();
    try {
      if (window.locks == 0) {
        if (lockedBytes + window.bytes > settings.lockLimit()) {
          throw refused(
              window,
              lockedBytes + " of " + settings.lockLimit() + " bytes are locked: "
                  + "unlock others or raise mmap.lock-limit");
        }
        lockedBytes += window.bytes;
      }
      window.locks++;
    } finally {
      pool.lock.unlock();
    }
    // Reads the pages in, which takes time: outside the pool's lock, safe because it is pinned.
    int rc = LibC.mlock(window.address, window.bytes);
    if (rc < 0) {
      unlock(window, 1);
      throw refused(window, "the system refuses (error " + -rc + "): raise ulimit -l");
    }
    AtomicBoolean done = new AtomicBoolean();
    return () -> {
      if (done.compareAndSet(false, true)) {
        unlock(window, 1);
      }
    };
  }

  private static MappingException refused(Window window, String why) {
    return Errors.make(
        Reason.LOCK_LIMIT, "lock " + window.bytes + " bytes of", window.file.path(), why);
  }

  private void unlock(Window window, int times) {
    pool.lock.lock();
    try {
      if (window.locks == 0) {
        return; // the manager was closed first
      }
      window.locks -= times;
      if (window.locks == 0) {
        LibC.munlock(window.address, window.bytes);
        lockedBytes -= window.bytes;
      }
    } finally {
      pool.lock.unlock();
    }
    pool.wakeAll();
  }

  void unlockAll() {
    for (Window window : pool.windows()) {
      unlock(window, window.locks);
    }
  }
}
