package io.nodedb.mem.blocks;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.Registration;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.Spillable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * GROUP BY: merges values by key, within whatever budget the engine has. Rows are added by one thread
 * at a time; then {@link #forEach} visits each group once, and the aggregation is used up.
 *
 * <p>Groups are spread over partitions by the hash of their key. When memory is wanted, the largest
 * partitions are written out as they are and begin anew. In the end a partition that was never written
 * out is visited as it stands; of one that was, all that was written is merged in an aggregation of
 * its own, which spreads by further bits of the hash and may spill in turn. So the budget has to hold
 * about a partition of a partition, a 4096th of the groups, not all of them.
 *
 * <p>A partition belongs to the thread that has its lock: the one that adds, or the one that spills,
 * which passes over those it cannot have at once.
 */
public final class SpillableAggregation implements AutoCloseable {
  private static final int BITS = 6;
  private static final int PARTITIONS = 1 << BITS;

  /** Less is not worth a write. */
  private static final long WORTH = 16 << 10;

  /** Where the bits of a hash are used up: groups that still share a partition share a hash. */
  private static final int LAST_LEVEL = Long.SIZE / BITS;

  private static final long READ_BYTES = 64 << 10;

  /** Something written out: groups in {@link GroupLayout}. */
  private record Run(long slot, long bytes) {}

  private static final class Partition extends ReentrantLock {
    private static final long serialVersionUID = 1;
    final transient GroupTable table;
    final transient List<Run> runs = new ArrayList<>();

    Partition(GroupTable table) {
      this.table = table;
    }
  }

  private final String engine;
  private final SpillStore store;
  private final Merge[] merges;
  private final int level;
  private final NativeAllocator memory;
  private final Partition[] partitions = new Partition[PARTITIONS];
  private final Registration registration;

  /** The key at hand, in words padded with zeros. */
  private long[] key = new long[8];

  private boolean closed;

  /**
   * Makes an empty one.
   *
   * @param engine whose budget it keeps to
   * @param store takes what is spilled; stays open
   * @param merges how values of a group become one, for each value of a row
   */
  public SpillableAggregation(String engine, SpillStore store, Merge... merges) {
    this(engine, store, merges.clone(), 0);
  }

  private SpillableAggregation(String engine, SpillStore store, Merge[] merges, int level) {
    this.engine = engine;
    this.store = store;
    this.merges = merges;
    this.level = level;
    MemoryGovernor governor = MemoryGovernor.get();
    this.memory =
        governor
            .nativeMemory()
            .allocator(engine, ArenaOption.SHARED, ArenaOption.UNZEROED);
    for (int i = 0; i < PARTITIONS; i++) {
      partitions[i] = new Partition(new GroupTable(memory, merges));
    }
    this.registration = governor.registerSpillable(engine, handler());
  }

  private Spillable handler() {
    return new Spillable() {
      @Override
      public long spill(long bytesWanted, SpillContext context) {
        return SpillableAggregation.this.spill(bytesWanted, context);
      }

      @Override
      public int coldness() {
        // What waits to be merged is needed later than what is being merged.
        return -level;
      }
    };
  }

  /**
   * Adds a row.
   *
   * @param rowKey the key
   * @param values its values, as many as there are merges; an array may be used again afterwards
   * @throws BudgetExceededException if there is no memory even after spilling; the row is not added
   * @throws io.nodedb.mem.OverflowException if spilling failed; the row is not added
   */
  public void add(long rowKey, long... values) {
    key[0] = rowKey;
    add(1, Long.BYTES, values);
  }

  /**
   * Adds a row.
   *
   * @param rowKey the key
   * @param values its values, as many as there are merges; an array may be used again afterwards
   * @throws BudgetExceededException if there is no memory even after spilling; the row is not added
   * @throws io.nodedb.mem.OverflowException if spilling failed; the row is not added
   */
  public void add(byte[] rowKey, long... values) {
    int words = GroupLayout.padded(rowKey.length) / Long.BYTES;
    if (words > key.length) {
      key = new long[Math.max(words, key.length << 1)];
    }
    if (words > 0) {
      key[words - 1] = 0;
      MemorySegment.copy(
          MemorySegment.ofArray(rowKey), 0, MemorySegment.ofArray(key), 0, rowKey.length);
    }
    add(words, rowKey.length, values);
  }

  private void add(int words, int keyLength, long[] values) {
    if (values.length != merges.length) {
      throw new IllegalArgumentException(
          "values: " + values.length + " (expected: " + merges.length + ", one for each merge)");
    }
    requireOpen();
    long hash = GroupLayout.hash(key, words, keyLength);
    Partition partition = partitions[(int) (hash << level * BITS >>> Long.SIZE - BITS)];
    partition.lock();
    try {
      try {
        partition.table.add(hash, key, keyLength, values);
      } catch (BudgetExceededException e) {
        // Its own partition is the one that the handler could not have.
        if (write(partition) == 0) {
          throw e;
        }
        partition.table.add(hash, key, keyLength, values);
      }
    } finally {
      partition.unlock();
    }
  }

  long spill(long bytesWanted, SpillContext context) {
    long freed = 0;
    // Sizes change meanwhile: they are sorted as they were.
    long[] held = new long[PARTITIONS];
    Arrays.setAll(held, i -> partitions[i].table.held());
    List<Partition> largest =
        IntStream.range(0, PARTITIONS)
            .boxed()
            .sorted(Comparator.comparingLong(i -> -held[i]))
            .map(i -> partitions[i])
            .toList();
    for (Partition partition : largest) {
      if (freed >= bytesWanted || context.abandoned()) {
        break;
      }
      if (partition.tryLock()) {
        try {
          freed += write(partition);
        } finally {
          partition.unlock();
        }
      }
    }
    return freed;
  }

  /** Writes a partition out. What that freed. */
  private long write(Partition partition) {
    GroupTable table = partition.table;
    if (table.held() <= WORTH || level == LAST_LEVEL) {
      return 0;
    }
    MemorySegment bytes = table.bytes();
    long size = bytes.byteSize();
    partition.runs.add(new Run(store.write(bytes), size));
    long freed = table.held();
    table.clear();
    return freed;
  }

  /**
   * Visits every group, once, in no order, and forgets it.
   *
   * @param visitor sees the groups, one at a time
   * @throws BudgetExceededException if there is no memory even after spilling
   * @throws io.nodedb.mem.OverflowException if what was spilled cannot be read
   */
  public void forEach(Consumer<Group> visitor) {
    requireOpen();
    // Those that are in memory first: that makes room for the others.
    for (Partition partition : partitions) {
      visitHeld(partition, visitor);
    }
    for (Partition partition : partitions) {
      partition.lock();
      try {
        merge(partition, visitor);
      } finally {
        partition.unlock();
      }
    }
  }

  private static void visitHeld(Partition partition, Consumer<Group> visitor) {
    partition.lock();
    try {
      if (partition.runs.isEmpty()) {
        partition.table.visit(visitor);
        partition.table.clear();
      }
    } finally {
      partition.unlock();
    }
  }

  private void merge(Partition partition, Consumer<Group> visitor) {
    if (partition.runs.isEmpty()) {
      return;
    }
    try (SpillableAggregation merged = new SpillableAggregation(engine, store, merges, level + 1)) {
      if (!partition.table.isEmpty()) {
        merged.addAll(partition.table.bytes());
        partition.table.clear();
      }
      MemorySegment buffer = merged.memory.allocate(READ_BYTES, Long.BYTES);
      while (!partition.runs.isEmpty()) {
        buffer = merged.addAll(partition.runs.getLast(), buffer);
        store.free(partition.runs.removeLast().slot());
      }
      merged.memory.free(buffer);
      merged.forEach(visitor);
    }
  }

  /** The buffer, or a larger one if a group was larger than it. */
  private MemorySegment addAll(Run run, MemorySegment first) {
    MemorySegment buffer = first;
    for (long at = 0; at < run.bytes(); ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), run.bytes() - at));
      store.read(run.slot(), at, part);
      long read = addAll(part);
      if (read == 0) {
        MemorySegment larger = memory.allocate(buffer.byteSize() << 1, Long.BYTES);
        memory.free(buffer);
        buffer = larger;
      }
      at += read;
    }
    return buffer;
  }

  /** Adds the groups that are there in full. How many bytes they take. */
  private long addAll(MemorySegment groups) {
    long[] values = new long[merges.length];
    long at = 0;
    while (groups.byteSize() - at >= GroupLayout.KEY) {
      int keyLength = GroupLayout.keyLength(groups, at);
      long size = GroupLayout.size(keyLength, merges.length);
      if (groups.byteSize() - at < size) {
        break;
      }
      int words = GroupLayout.padded(keyLength) / Long.BYTES;
      if (words > key.length) {
        key = new long[Math.max(words, key.length << 1)];
      }
      long from = at + GroupLayout.KEY;
      MemorySegment.copy(groups, ValueLayout.JAVA_LONG, from, key, 0, words);
      MemorySegment.copy(
          groups, ValueLayout.JAVA_LONG, from + (long) words * Long.BYTES, values, 0, values.length);
      add(words, keyLength, values);
      at += size;
    }
    return at;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the aggregation is closed");
    }
  }

  /** Gives all memory back and frees what was spilled. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    registration.close();
    for (Partition partition : partitions) {
      partition.lock();
      try {
        partition.table.clear();
        partition.runs.forEach(run -> store.free(run.slot()));
        partition.runs.clear();
      } finally {
        partition.unlock();
      }
    }
    memory.close();
  }
}
