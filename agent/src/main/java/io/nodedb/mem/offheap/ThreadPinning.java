package io.nodedb.mem.offheap;

import io.nodedb.mem.Registration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which of jemalloc's arenas a thread allocates from. With jemalloc preloaded that decides where
 * everything that the thread mallocs goes, JNI libraries' memory included; else only what goes
 * through this library, which is ours.
 */
final class ThreadPinning {
  private static final String ARENA = "thread.arena";

  /** Null if there is no jemalloc. */
  private final Mallctl control;

  private final NativeHeap heap;
  private final Notices notices;

  ThreadPinning(Optional<Jemalloc> jemalloc, NativeHeap heap, Notices notices) {
    this.control = jemalloc.map(Jemalloc::control).orElse(null);
    this.heap = heap;
    this.notices = notices;
  }

  /** The current thread's arena. */
  OptionalInt current() {
    return control == null || Thread.currentThread().isVirtual()
        ? OptionalInt.empty()
        : control.readInt(ARENA);
  }

  /**
   * Pins the current thread.
   *
   * @param arena an index; past the last one a new arena is made
   * @return restores the arena before; to be closed by this thread
   */
  Registration pin(int arena) {
    if (arena < 0) {
      throw new IllegalArgumentException("arena: " + arena + " (expected: 0 or more)");
    }
    int before = swap(existing(arena));
    if (before < 0) {
      return () -> {};
    }
    flush();
    return new Pin(before);
  }

  /**
   * Changes the current thread's arena for the extent of a call: leaves what its cache holds, which
   * is a small amount, where it is.
   *
   * @param arena an index
   * @return the arena before; -1 if it could not be changed
   */
  int swap(int arena) {
    if (arena < 0 || control == null) {
      notices.once("pin", "thread pinning is off: there is no jemalloc with arenas");
      return -1;
    }
    if (Thread.currentThread().isVirtual()) {
      notices.once("pin virtual", "virtual threads are not pinned: they share their carriers'");
      return -1;
    }
    return control.swapInt(ARENA, arena).orElse(-1);
  }

  private int existing(int arena) {
    if (control == null) {
      return -1;
    }
    int count = control.readInt("arenas.narenas").orElse(0);
    return arena < count ? arena : heap.newArena();
  }

  /** Gives what the thread's cache holds back to the arenas it came from. */
  private void flush() {
    control.run("thread.tcache.flush", 0);
  }

  private final class Pin implements Registration {
    private final Thread owner = Thread.currentThread();
    private int before;

    Pin(int before) {
      this.before = before;
    }

    @Override
    public void close() {
      if (Thread.currentThread() != owner) {
        throw new WrongThreadException("pinned by " + owner + ", which has to unpin itself");
      }
      if (before >= 0) {
        swap(before);
        before = -1;
        flush();
      }
    }
  }
}
