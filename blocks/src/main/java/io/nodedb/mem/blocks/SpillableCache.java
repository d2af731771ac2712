package io.nodedb.mem.blocks;

import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Registration;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.Spillable;
import io.nodedb.mem.blocks.SpillablePieces.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Byte arrays by key. When memory is wanted, those used least recently are written out; they are read
 * from there until there is room again. Nothing is ever forgotten: it is a cache of its store, not of
 * the data. Thread-safe. Keys are on the heap and not accounted here.
 *
 * @param <K> keys, with {@code equals} and {@code hashCode}
 */
public final class SpillableCache<K> implements AutoCloseable {
  /** A value; its piece has room for one byte at least. */
  private record Entry(Piece piece, int length) {}

  private final SpillablePieces pieces;
  private final Registration registration;

  /** In the order of use, the least recent first. Guarded by the pieces' lock. */
  private final Map<K, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Makes an empty one.
   *
   * @param engine whose budget it keeps to
   * @param store takes what is spilled; stays open
   */
  public SpillableCache(String engine, SpillStore store) {
    this.pieces = SpillablePieces.of("cache", engine, store, 1);
    this.registration =
        MemoryGovernor.get()
            .registerSpillable(
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
    Piece piece = pieces.allocate(Math.max(1, value.length));
    MemorySegment.copy(value, 0, pieces.data(piece), ValueLayout.JAVA_BYTE, 0, value.length);
    pieces.lock();
    try {
      pieces.requireOpen();
      discard(entries.put(key, new Entry(piece, value.length)));
    } finally {
      pieces.unlock();
    }
  }

  /**
   * Finds a value, in memory or where it was spilled.
   *
   * @param key its key
   * @return a copy of its bytes, or empty
   */
  public Optional<byte[]> get(K key) {
    pieces.lock();
    try {
      pieces.requireOpen();
      Entry entry = entries.get(key);
      if (entry == null) {
        return Optional.empty();
      }
      byte[] value = new byte[entry.length];
      pieces.read(entry.piece, 0, MemorySegment.ofArray(value));
      return Optional.of(value);
    } finally {
      pieces.unlock();
    }
  }

  /**
   * Forgets a value.
   *
   * @param key its key
   */
  public void remove(K key) {
    pieces.lock();
    try {
      pieces.requireOpen();
      discard(entries.remove(key));
    } finally {
      pieces.unlock();
    }
  }

  private void discard(Entry entry) {
    if (entry != null) {
      pieces.free(entry.piece);
    }
  }

  long spill(long bytesWanted, SpillContext context) {
    if (!pieces.tryLock()) {
      return 0;
    }
    try {
      long freed = 0;
      for (Entry entry : entries.values()) {
        if (freed >= bytesWanted || context.abandoned()) {
          break;
        }
        if (entry.piece.isInMemory()) {
          freed += pieces.spill(entry.piece);
        }
      }
      return freed;
    } finally {
      pieces.unlock();
    }
  }

  /** The most recently used come back first. */
  long restore(long bytesAvailable, SpillContext context) {
    if (!pieces.tryLock()) {
      return 0;
    }
    try {
      long taken = 0;
      List<Entry> spilled = new ArrayList<>(entries.values());
      spilled.removeIf(e -> e.piece.isInMemory());
      for (Entry entry : spilled.reversed()) {
        long size = Math.max(1, entry.length);
        if (taken + size > bytesAvailable || context.abandoned()) {
          break;
        }
        pieces.restore(entry.piece, size);
        taken += size;
      }
      return taken;
    } finally {
      pieces.unlock();
    }
  }

  /** Gives all memory back and frees what was spilled. Closing twice does nothing. */
  @Override
  public void close() {
    pieces.close(
        registration,
        () -> {
          for (Entry entry : entries.values()) {
            if (!entry.piece.isInMemory()) {
              pieces.free(entry.piece);
            }
          }
          entries.clear();
        });
  }
}
