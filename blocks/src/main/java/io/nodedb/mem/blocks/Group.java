package io.nodedb.mem.blocks;

import java.lang.foreign.MemorySegment;

/** One group of an aggregation's result; only valid while it is being visited, and reused then. */
public final class Group {
  private MemorySegment data;
  private long at;

  Group() {}

  Group at(MemorySegment segment, long offset) {
    data = segment;
    at = offset;
    return this;
  }

  /**
   * The key's length.
   *
   * @return bytes
   */
  public int keyLength() {
    return GroupLayout.keyLength(data, at);
  }

  /**
   * The key.
   *
   * @return a read-only view
   */
  public MemorySegment key() {
    return data.asSlice(at + GroupLayout.KEY, keyLength()).asReadOnly();
  }

  /**
   * The key, where it was added as a {@code long}.
   *
   * @return the key
   */
  public long longKey() {
    return data.get(GroupLayout.LONG, at + GroupLayout.KEY);
  }

  /**
   * One of the group's values.
   *
   * @param index its index
   * @return the value
   */
  public long value(int index) {
    return data.get(
        GroupLayout.LONG,
        at + GroupLayout.KEY + GroupLayout.padded(keyLength()) + (long) index * Long.BYTES);
  }
}
