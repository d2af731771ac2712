package io.nodedb.mem.sample.timeseries;

/**
 * Points of one series in one slice of a slab, in the order they came. Grows until its slice is
 * full. Not thread-safe; once it grows no more it may be read by any thread that got it safely.
 */
final class Chunk {
  private final Slabs.Slice slice;
  private final BitBuffer bits;
  private final GorillaEncoder encoder;

  Chunk(Slabs.Slice slice) {
    this.slice = slice;
    this.bits = slice.bits();
    this.encoder = new GorillaEncoder(bits);
  }

  /** Adds a point; false if the chunk is full. */
  boolean add(long time, double value) {
    return encoder.add(time, value);
  }

  int count() {
    return encoder.count();
  }

  byte[] slab() {
    return slice.slab();
  }

  int offset() {
    return slice.offset();
  }

  /** Bytes in use, from {@link #offset}. */
  int length() {
    return (int) ((bits.position() + 7) / Byte.SIZE) - slice.offset();
  }

  GorillaDecoder points() {
    return new GorillaDecoder(slice.bits(), encoder.count());
  }
}
