package io.nodedb.mem.hook;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;

/**
 * What {@code allocate} and {@code allocateFrom} of {@code Arena} and {@code SegmentAllocator} in
 * matched classes are redirected to: for every overload, whichever of the two interfaces the call
 * names, the static method of the same name with the receiver as first argument. See {@link
 * NativeHooks}.
 */
public final class SegmentHooks {
  private SegmentHooks() {}

  /**
   * See {@link SegmentAllocator#allocate(long)}.
   *
   * @param a the allocator
   * @param byteSize as there
   * @return the segment
   */
  public static MemorySegment allocate(SegmentAllocator a, long byteSize) {
    return governed(a).allocate(byteSize);
  }

  /**
   * See {@link SegmentAllocator#allocate(long, long)}.
   *
   * @param a the allocator
   * @param byteSize as there
   * @param byteAlignment as there
   * @return the segment
   */
  public static MemorySegment allocate(SegmentAllocator a, long byteSize, long byteAlignment) {
    return governed(a).allocate(byteSize, byteAlignment);
  }

  /**
   * See {@link SegmentAllocator#allocate(MemoryLayout)}.
   *
   * @param a the allocator
   * @param layout as there
   * @return the segment
   */
  public static MemorySegment allocate(SegmentAllocator a, MemoryLayout layout) {
    return governed(a).allocate(layout);
  }

  /**
   * See {@link SegmentAllocator#allocate(MemoryLayout, long)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param count as there
   * @return the segment
   */
  public static MemorySegment allocate(SegmentAllocator a, MemoryLayout layout, long count) {
    return governed(a).allocate(layout, count);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(String)}.
   *
   * @param a the allocator
   * @param text as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(SegmentAllocator a, String text) {
    return governed(a).allocateFrom(text);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(String, Charset)}.
   *
   * @param a the allocator
   * @param text as there
   * @param charset as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(SegmentAllocator a, String text, Charset charset) {
    return governed(a).allocateFrom(text, charset);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(AddressLayout, MemorySegment)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, AddressLayout layout, MemorySegment value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout, MemorySegment, ValueLayout, long, long)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param source as there
   * @param sourceLayout as there
   * @param offset as there
   * @param count as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout layout, MemorySegment source, ValueLayout sourceLayout, long offset, long count) {
    return governed(a).allocateFrom(layout, source, sourceLayout, offset, count);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfByte, byte)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfByte layout, byte value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfByte, byte...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfByte layout, byte... values) {
    return governed(a).allocateFrom(layout, values);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfChar, char)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfChar layout, char value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfChar, char...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfChar layout, char... values) {
    return governed(a).allocateFrom(layout, values);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfShort, short)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfShort layout, short value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfShort, short...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfShort layout, short... values) {
    return governed(a).allocateFrom(layout, values);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfInt, int)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfInt layout, int value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfInt, int...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfInt layout, int... values) {
    return governed(a).allocateFrom(layout, values);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfFloat, float)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfFloat layout, float value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfFloat, float...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfFloat layout, float... values) {
    return governed(a).allocateFrom(layout, values);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfLong, long)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfLong layout, long value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfLong, long...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfLong layout, long... values) {
    return governed(a).allocateFrom(layout, values);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfDouble, double)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param value as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfDouble layout, double value) {
    return governed(a).allocateFrom(layout, value);
  }

  /**
   * See {@link SegmentAllocator#allocateFrom(ValueLayout.OfDouble, double...)}.
   *
   * @param a the allocator
   * @param layout as there
   * @param values as there
   * @return the segment
   */
  public static MemorySegment allocateFrom(
      SegmentAllocator a, ValueLayout.OfDouble layout, double... values) {
    return governed(a).allocateFrom(layout, values);
  }

  private static SegmentAllocator governed(SegmentAllocator a) {
    int engine = NativeHooks.engine();
    NativeRuntime r = NativeHooks.runtime(engine);
    return r == null ? a : r.governed(engine, a);
  }
}
