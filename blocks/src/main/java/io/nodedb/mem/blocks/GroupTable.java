package io.nodedb.mem.blocks;

import static io.nodedb.mem.blocks.GroupLayout.INT;
import static io.nodedb.mem.blocks.GroupLayout.LONG;

import io.nodedb.mem.NativeAllocator;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Groups of one partition in native memory: their bytes one after the other, in the order they came,
 * so that a spill is one write, and an index of their places by hash. Used by one thread at a time.
 *
 * <p>Memory is grown before anything is changed: a refusal leaves the table as it was.
 */
final class GroupTable {
  private static final long FIRST_DATA = 4 << 10;
  private static final long FIRST_SLOTS = 128;

  private final NativeAllocator memory;
  private final Merge[] merges;

  /** Null while empty, as is the next. */
  private MemorySegment data;

  /** For each slot 0, or 1 + the group's place in units of 8 bytes. */
  private MemorySegment index;

  private long used;
  private long groups;

  GroupTable(NativeAllocator memory, Merge[] merges) {
    this.memory = memory;
    this.merges = merges;
  }

  /** Bytes of memory it holds. Read without the partition's ownership it is a hint. */
  long held() {
    MemorySegment d = data;
    MemorySegment i = index;
    return (d == null ? 0 : d.byteSize()) + (i == null ? 0 : i.byteSize());
  }

  boolean isEmpty() {
    return groups == 0;
  }

  /** The groups' bytes. */
  MemorySegment bytes() {
    return data.asSlice(0, used);
  }

  void add(long hash, long[] key, int keyLength, long[] values) {
    int words = GroupLayout.padded(keyLength) / Long.BYTES;
    if (index != null) {
      long at = find((int) hash, key, words, keyLength);
      if (at >= 0) {
        merge(at + GroupLayout.KEY + (long) words * Long.BYTES, values);
        return;
      }
    }
    long size = GroupLayout.size(keyLength, merges.length);
    makeRoom(size);
    append((int) hash, key, words, keyLength, values);
  }

  private long find(int hash, long[] key, int words, int keyLength) {
    long mask = index.byteSize() / Integer.BYTES - 1;
    for (long slot = hash & mask; ; slot = slot + 1 & mask) {
      int place = index.get(INT, slot * Integer.BYTES);
      if (place == 0) {
        return -1;
      }
      long at = at(place);
      if (data.get(INT, at + GroupLayout.HASH) == hash
          && GroupLayout.keyLength(data, at) == keyLength
          && same(at + GroupLayout.KEY, key, words)) {
        return at;
      }
    }
  }

  private boolean same(long at, long[] key, int words) {
    for (int i = 0; i < words; i++) {
      if (data.get(LONG, at + (long) i * Long.BYTES) != key[i]) {
        return false;
      }
    }
    return true;
  }

  private void merge(long at, long[] values) {
    for (int i = 0; i < merges.length; i++) {
      long place = at + (long) i * Long.BYTES;
      data.set(LONG, place, merges[i].apply(data.get(LONG, place), values[i]));
    }
  }

  private void append(int hash, long[] key, int words, int keyLength, long[] values) {
    long at = used;
    data.set(INT, at + GroupLayout.HASH, hash);
    data.set(INT, at + GroupLayout.LENGTH, keyLength);
    long place = at + GroupLayout.KEY;
    for (int i = 0; i < words; i++, place += Long.BYTES) {
      data.set(LONG, place, key[i]);
    }
    for (int i = 0; i < merges.length; i++, place += Long.BYTES) {
      data.set(LONG, place, values[i]);
    }
    used = place;
    groups++;
    enter(index, hash, at);
  }

  private static void enter(MemorySegment index, int hash, long at) {
    long mask = index.byteSize() / Integer.BYTES - 1;
    long slot = hash & mask;
    while (index.get(INT, slot * Integer.BYTES) != 0) {
      slot = slot + 1 & mask;
    }
    index.set(INT, slot * Integer.BYTES, (int) (at / Long.BYTES + 1));
  }

  private static long at(int place) {
    return (Integer.toUnsignedLong(place) - 1) * Long.BYTES;
  }

  private void makeRoom(long size) {
    long capacity = data == null ? 0 : data.byteSize();
    if (used + size > capacity) {
      long more = Math.max(capacity + (capacity >> 1), used + size) + Long.BYTES - 1 & -Long.BYTES;
      MemorySegment larger = memory.allocate(Math.max(FIRST_DATA, more), Long.BYTES);
      if (data != null) {
        MemorySegment.copy(data, 0, larger, 0, used);
        memory.free(data);
      }
      data = larger;
    }
    long slots = index == null ? 0 : index.byteSize() / Integer.BYTES;
    if (groups >= slots - (slots >> 2)) {
      long bytes = Math.max(FIRST_SLOTS, slots << 1) * Integer.BYTES;
      MemorySegment larger = memory.allocate(bytes, Long.BYTES);
      larger.fill((byte) 0);
      MemorySegment before = index;
      each(at -> enter(larger, data.get(INT, at + GroupLayout.HASH), at));
      index = larger;
      if (before != null) {
        memory.free(before);
      }
    }
  }

  private interface Place {
    void at(long offset);
  }

  private void each(Place place) {
    for (long at = 0; at < used; ) {
      place.at(at);
      at += GroupLayout.size(GroupLayout.keyLength(data, at), merges.length);
    }
  }

  void visit(Consumer<Group> visitor) {
    Group group = new Group();
    each(at -> visitor.accept(group.at(data, at)));
  }

  /** Gives all memory back. */
  void clear() {
    MemorySegment oldData = data;
    MemorySegment oldIndex = index;
    data = null;
    index = null;
    used = 0;
    groups = 0;
    if (oldData != null) {
      memory.free(oldData);
    }
    if (oldIndex != null) {
      memory.free(oldIndex);
    }
  }
}
