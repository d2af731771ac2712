package io.nodedb.mem.mapped;

import io.nodedb.mem.MappingStatistics;
import io.nodedb.mem.mapped.MappingListener.Cause;
import io.nodedb.mem.mapped.MappingSnapshot.Field;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * All windows and the budget over them. Bytes are counted before they are mapped and after they are
 * unmapped, so the count is never below the truth.
 *
 * <p><b>Recency.</b> A pin must not read a clock. It copies the pool's <em>stamp</em> into the
 * window if that differs. The stamp moves on with every window mapped and with {@link #tick}; so
 * the order between two windows is known whenever a window was mapped between their uses. When a
 * stamp has stood for more than {@link #GRAIN}, the windows that carry it are set to the time of
 * its end, so that ages are right to that grain too.
 *
 * <p><b>Locks.</b> The order is file, then pool. No account and no listener is called under either:
 * what was evicted is collected in an {@link Evicted} and settled afterwards.
 */
final class WindowPool {
  /** How exact ages are, in nanoseconds. */
  static final long GRAIN = 100_000_000;

  private static final VarHandle STAMP;

  static {
    try {
      STAMP = MethodHandles.lookup().findVarHandle(WindowPool.class, "stamp", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final ReentrantLock lock = new ReentrantLock();
  private final MappingSettings settings;
  private final LongSupplier clock;
  private final Condition room = lock.newCondition();
  private final List<MappingListener> listeners = new CopyOnWriteArrayList<>();

  // Guarded by the lock.
  private final ArrayList<Window> windows = new ArrayList<>();
  private int reservations;

  /** Written under the lock, read anywhere. */
  private volatile long mapped;

  /** Threads waiting for a pin to end. Written under the lock, read after each unpin. */
  private volatile int waiters;

  /** Written under the lock, read opaque by every pin. */
  private long stamp;

  WindowPool(MappingSettings settings, LongSupplier clock) {
    this.settings = settings;
    this.clock = clock;
    this.stamp = clock.getAsLong();
  }

  long mapped() {
    return mapped;
  }

  long stamp() {
    return (long) STAMP.getOpaque(this);
  }

  void addListener(MappingListener listener) {
    listeners.add(listener);
  }

  void removeListener(MappingListener listener) {
    listeners.remove(listener);
  }

  /** After a pin has ended: wakes who waits for that. */
  void unpinned() {
    // The count was lowered by a volatile add before; a waiter raises waiters before it looks at
    // the counts. One of the two sees the other.
    if (waiters != 0) {
      wakeAll();
    }
  }

  void wakeAll() {
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Moves the stamp on. */
  void tick() {
    lock.lock();
    try {
      advance();
    } finally {
      lock.unlock();
    }
  }

  private long advance() {
    long old = stamp;
    long now = Math.max(old + 1, clock.getAsLong());
    STAMP.setOpaque(this, now);
    if (now - old > GRAIN) {
      for (Window window : windows) {
        if (window.lastUse() == old) {
          window.lastUse(now - 1);
        }
      }
    }
    return now;
  }

  /**
   * Counts bytes about to be mapped, making room first.
   *
   * @return false if there is no room and nothing to evict; nothing is counted then
   */
  boolean reserve(long bytes, Evicted evicted) {
    lock.lock();
    try {
      advance();
      if (!makeRoom(bytes, evicted)) {
        return false;
      }
      mapped += bytes;
      reservations++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean makeRoom(long bytes, Evicted evicted) {
    long budget = settings.budget() == 0 ? Long.MAX_VALUE : settings.budget();
    int most = settings.maxMappings();
    if (mapped > budget - bytes || windows.size() + reservations >= most) {
      long low = budget == Long.MAX_VALUE ? budget : (long) (budget * (1 - settings.headroom()));
      int fewer = (int) (most * (1 - settings.headroom()));
      evict(
          w -> true,
          () ->
              mapped <= Math.max(0, low - bytes)
                  && windows.size() + reservations < Math.max(1, fewer),
          evicted,
          Cause.ROOM);
    }
    return mapped <= budget - bytes && windows.size() + reservations < most;
  }

  /** Whether the cap on mappings, rather than the budget, is what is in the way. */
  boolean tooManyMappings() {
    lock.lock();
    try {
      return windows.size() + reservations >= settings.maxMappings();
    } finally {
      lock.unlock();
    }
  }

  /** Takes back what {@link #reserve} counted. */
  void unreserve(long bytes) {
    lock.lock();
    try {
      mapped -= bytes;
      reservations--;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Adds a window whose bytes are reserved. */
  void add(Window window) {
    lock.lock();
    try {
      reservations--;
      window.slot = windows.size();
      window.lastUse(stamp);
      window.checked = stamp;
      STAMP.setOpaque(this, stamp + 1); // whoever is used from now on was used later
      windows.add(window);
      window.owner.mapped(window);
    } finally {
      lock.unlock();
    }
  }

  /** Marks a window as used; false if it is time to look at its file again. */
  boolean touch(Window window) {
    long now = stamp();
    if (window.lastUse() != now) {
      if (now - window.checked > GRAIN) {
        return false;
      }
      window.lastUse(now);
    }
    return true;
  }

  /**
   * Pins a window found under its file's lock.
   *
   * @return whether it is still mapped
   */
  boolean pin(Window window, int cell) {
    lock.lock(); // tryClose closes and reopens under this lock: what is closed now stays closed
    try {
      window.lastUse(stamp);
      return window.pins.tryPin(cell);
    } finally {
      lock.unlock();
    }
  }

  /** Makes a window the first to go, now if nobody uses it. */
  void retire(Window window, Cause cause, Evicted evicted) {
    lock.lock();
    try {
      if (window.slot >= 0) {
        window.retired = true;
        if (window.locks == 0 && window.pins.tryClose()) {
          unmap(window, evicted, cause);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Evicts an engine's windows, or anybody's if it is null, least recently used first. */
  void evictEngine(String engine, long bytes, Evicted evicted) {
    lock.lock();
    try {
      long before = evicted.bytes();
      evict(
          w -> engine == null || w.owner.engine.equals(engine),
          () -> evicted.bytes() - before >= bytes,
          evicted,
          Cause.ROOM);
    } finally {
      lock.unlock();
    }
  }

  /** Unmaps what has not been used for some time. */
  void evictCold(long nanos, Evicted evicted) {
    lock.lock();
    try {
      long now = advance();
      evict(w -> now - w.lastUse() >= nanos, () -> false, evicted, Cause.COLD);
    } finally {
      lock.unlock();
    }
  }

  /** Unmaps all that can be. */
  void evictAll(Cause cause, Evicted evicted) {
    lock.lock();
    try {
      evict(w -> true, () -> false, evicted, cause);
    } finally {
      lock.unlock();
    }
  }

  private void evict(
      Predicate<Window> which,
      java.util.function.BooleanSupplier enough,
      Evicted evicted,
      Cause cause) {
    List<Window> candidates = new ArrayList<>();
    for (Window window : windows) {
      if (window.locks == 0 && which.test(window)) {
        window.sortKey = window.retired ? Long.MIN_VALUE : window.lastUse();
        candidates.add(window);
      }
    }
    candidates.sort(Comparator.comparingLong(w -> w.sortKey));
    for (Window window : candidates) {
      if (enough.getAsBoolean()) {
        return;
      }
      if (window.pins.tryClose()) {
        unmap(window, evicted, cause);
      }
    }
  }

  private void unmap(Window window, Evicted evicted, Cause cause) {
    window.file.forget(window);
    int rc = LibC.munmap(window.address, window.bytes);
    if (rc < 0) {
      throw Errors.of("unmap", window.file.path(), rc);
    }
    Window last = windows.removeLast();
    if (last != window) {
      windows.set(window.slot, last);
      last.slot = window.slot;
    }
    window.slot = -1;
    mapped -= window.bytes;
    window.owner.unmapped(window);
    evicted.add(window, cause);
    if (waiters != 0) {
      room.signalAll();
    }
  }

  /**
   * Waits until a window could be evicted or the time is up.
   *
   * @param nanos how long at most
   * @return whether it is worth trying again
   */
  boolean awaitRoom(long bytes, long nanos, Evicted evicted) {
    long remaining = nanos;
    lock.lock();
    try {
      waiters++;
      while (!makeRoom(bytes, evicted)) {
        if (remaining <= 0) {
          return false;
        }
        remaining = room.awaitNanos(remaining);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      waiters--;
      lock.unlock();
    }
  }

  /** Releases what was evicted to the accounts and tells the listeners; no lock may be held. */
  void settle(Evicted evicted) {
    evicted.settle(listeners);
  }

  /** Each field's figures, its live windows included. */
  Map<Field, MappingStatistics> stats(Map<Field, FieldCounters> fields) {
    lock.lock();
    try {
      Map<FieldCounters, Long> live = new HashMap<>();
      for (Window window : windows) {
        window.owner.pins += window.pins.drainTotal();
        live.merge(window.owner, window.pins.live(), Long::sum);
      }
      Map<Field, MappingStatistics> stats = new HashMap<>();
      fields.forEach((key, owner) -> stats.put(key, owner.stats(live.getOrDefault(owner, 0L))));
      return stats;
    } finally {
      lock.unlock();
    }
  }

  /** The windows now; each may be gone by the time it is looked at. */
  List<Window> windows() {
    lock.lock();
    try {
      return List.copyOf(windows);
    } finally {
      lock.unlock();
    }
  }
}
