package io.nodedb.mem.blocks;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.Registration;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.Spillable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Byte arrays by key. When memory is wanted, those used least recently are written out; they are read
 * from there until there is room again. Nothing is ever forgotten: it is a cache of its store, not of
 * the data. Thread-safe. Keys are on the heap and not accounted here.
 *
 * @param <K> keys, with {@code equals} and {@code hashCode}
 */
public final class SpillableCache<K> implements AutoCloseable {
  /** A value: in memory while {@code data} is there, else in the store. */
  private static final class Entry {
    MemorySegment data;
    long slot;
    final int length;

    Entry(MemorySegment data, int length) {
      this.data = data;
      this.length = length;
    }
  }

  private final SpillStore store;
  private final NativeAllocator memory;
  private final Registration registration;

  /** A handler never waits for it: a writer may hold it while it waits for the handler. */
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order of use, the least recent first. Guarded by the lock, as is the next. */
  private final Map<K, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private boolean closed;

  /**
   * Makes an empty one.
   *
   * @param engine whose budget it keeps to
   * @param store takes what is spilled; stays open
   */
  public SpillableCache(String engine, SpillStore store) {
    this.store = store;
    MemoryGovernor governor = MemoryGovernor.get();
    this.memory =
        governor.nativeMemory().allocator(engine, ArenaOption.SHARED, ArenaOption.UNZEROED);
    this.registration =
        governor.registerSpillable(
            engine,
            new Spillable() {
              @Override
              public long spill(long bytesWanted, SpillContext context) {
                return SpillableCache.this.spill(bytesWanted, context);
              }

              @Override
              public long restore(long bytesAvailable, SpillContext context) {
                return SpillableCache.this.restore(bytesAvailable, context);
              }
            });
  }

  /**
   * Keeps a copy of a value, in place of the one before.
   *
   * @param key its key
   * @param value its bytes
   * @throws io.nodedb.mem.BudgetExceededException if there is no memory even after spilling; nothing
   *     has changed then
   */
  public void put(K key, byte[] value) {
    // Allocated before the lock is taken, so that the handler can have it.
    MemorySegment data = memory.allocate(Math.max(1, value.length), 1);
    MemorySegment.copy(value, 0, data, ValueLayout.JAVA_BYTE, 0, value.length);
    lock.lock();
    try {
      requireOpen();
      discard(entries.put(key, new Entry(data, value.length)));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Finds a value, in memory or where it was spilled.
   *
   * @param key its key
   * @return a copy of its bytes, or empty
   */
  public Optional<byte[]> get(K key) {
    lock.lock();
    try {
      requireOpen();
      Entry entry = entries.get(key);
      if (entry == null) {
        return Optional.empty();
      }
      byte[] value = new byte[entry.length];
      MemorySegment into = MemorySegment.ofArray(value);
      if (entry.data != null) {
        into.copyFrom(entry.data.asSlice(0, entry.length));
      } else if (entry.length > 0) {
        read(entry, into);
      }
      return Optional.of(value);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Forgets a value.
   *
   * @param key its key
   */
  public void remove(K key) {
    lock.lock();
    try {
      requireOpen();
      discard(entries.remove(key));
    } finally {
      lock.unlock();
    }
  }

  private void read(Entry entry, MemorySegment into) {
    store.read(entry.slot, 0, into);
  }

  private void discard(Entry entry) {
    if (entry == null) {
      return;
    }
    if (entry.data != null) {
      memory.free(entry.data);
    } else {
      store.free(entry.slot);
    }
  }

  long spill(long bytesWanted, SpillContext context) {
    if (!lock.tryLock()) {
      return 0;
    }
    try {
      long freed = 0;
      for (Entry entry : entries.values()) {
        if (closed || freed >= bytesWanted || context.abandoned()) {
          break;
        }
        if (entry.data != null) {
          entry.slot = store.write(entry.data);
          MemorySegment data = entry.data;
          entry.data = null;
          memory.free(data);
          freed += data.byteSize();
        }
      }
      return freed;
    } finally {
      lock.unlock();
    }
  }

  /** The most recently used come back first. */
  long restore(long bytesAvailable, SpillContext context) {
    if (!lock.tryLock()) {
      return 0;
    }
    try {
      long taken = 0;
      List<Entry> spilled = new ArrayList<>(entries.values());
      spilled.removeIf(e -> e.data != null);
      for (Entry entry : closed ? List.<Entry>of() : spilled.reversed()) {
        long size = Math.max(1, entry.length);
        if (taken + size > bytesAvailable || context.abandoned()) {
          break;
        }
        MemorySegment data = memory.allocate(size, 1);
        read(entry, data);
        store.free(entry.slot);
        entry.data = data;
        taken += size;
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the cache is closed");
    }
  }

  /** Gives all memory back and frees what was spilled. Closing twice does nothing. */
  @Override
  public void close() {
    registration.close();
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        for (Entry entry : entries.values()) {
          if (entry.data == null) {
            store.free(entry.slot);
          }
        }
        entries.clear();
        memory.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
