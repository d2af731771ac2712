package io.nodedb.mem.offheap;

import static io.nodedb.mem.offheap.Native.INT;
import static io.nodedb.mem.offheap.Native.LONG;
import static io.nodedb.mem.offheap.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * jemalloc's control tree. Names are translated once, then read and written by number ("MIB"), which
 * spares parsing the name each time. A {@code *} in a name stands for an index given with the call.
 * Thread-safe; what a name does not know or refuses comes back as empty or false.
 */
final class Mallctl {
  private static final MethodHandle TO_MIB =
      Native.handle(FunctionDescriptor.of(INT, POINTER, POINTER, POINTER));
  private static final MethodHandle BY_MIB =
      Native.handle(FunctionDescriptor.of(INT, POINTER, LONG, POINTER, POINTER, POINTER, LONG));

  private static final int MAX_DEPTH = 8;
  private static final long[] UNKNOWN = {};

  /** In a thread's scratch memory: the MIB, the old value, its length, the new value. */
  private static final long OLD = MAX_DEPTH * 8L;

  private static final long OLD_LENGTH = OLD + 8;
  private static final long NEW = OLD_LENGTH + 8;
  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(NEW + 8, 8));

  private final MemorySegment nameToMib;
  private final MemorySegment byMib;
  private final Map<String, long[]> mibs = new ConcurrentHashMap<>();

  Mallctl(MemorySegment nameToMib, MemorySegment byMib) {
    this.nameToMib = nameToMib;
    this.byMib = byMib;
  }

  /** Whether the library knows the name. */
  boolean knows(String name) {
    return mib(name) != UNKNOWN;
  }

  /** A {@code bool}. */
  boolean isTrue(String name) {
    MemorySegment s = SCRATCH.get();
    return call(s, name, 0, 1, false, 0) && s.get(ValueLayout.JAVA_BYTE, OLD) != 0;
  }

  /** A {@code size_t}, {@code ssize_t} or {@code uint64_t}. */
  OptionalLong readLong(String name, int index) {
    MemorySegment s = SCRATCH.get();
    return call(s, name, index, 8, false, 0)
        ? OptionalLong.of(s.get(LONG, OLD))
        : OptionalLong.empty();
  }

  /** An {@code unsigned}. */
  OptionalInt readInt(String name) {
    MemorySegment s = SCRATCH.get();
    return call(s, name, 0, 4, false, 0) ? OptionalInt.of(s.get(INT, OLD)) : OptionalInt.empty();
  }

  /** A {@code const char *}. */
  Optional<String> readString(String name) {
    MemorySegment s = SCRATCH.get();
    return call(s, name, 0, 8, false, 0)
        ? Optional.of(Native.string(s.get(POINTER, OLD)))
        : Optional.empty();
  }

  /** Writes an {@code unsigned}; the old value comes back. */
  OptionalInt swapInt(String name, int value) {
    MemorySegment s = SCRATCH.get();
    s.set(INT, NEW, value);
    return call(s, name, 0, 4, true, 4) ? OptionalInt.of(s.get(INT, OLD)) : OptionalInt.empty();
  }

  /** Writes an {@code unsigned}. */
  boolean writeInt(String name, int value) {
    MemorySegment s = SCRATCH.get();
    s.set(INT, NEW, value);
    return call(s, name, 0, 0, true, 4);
  }

  /** Writes a {@code size_t}, {@code ssize_t} or {@code uint64_t}. */
  boolean writeLong(String name, int index, long value) {
    MemorySegment s = SCRATCH.get();
    s.set(LONG, NEW, value);
    return call(s, name, index, 0, true, 8);
  }

  /** Writes a {@code bool}. */
  boolean writeBoolean(String name, boolean value) {
    MemorySegment s = SCRATCH.get();
    s.set(ValueLayout.JAVA_BYTE, NEW, (byte) (value ? 1 : 0));
    return call(s, name, 0, 0, true, 1);
  }

  /** Runs a node that neither takes nor gives a value. */
  boolean run(String name, int index) {
    return call(SCRATCH.get(), name, index, 0, false, 0);
  }

  private boolean call(
      MemorySegment s, String name, int index, int oldBytes, boolean write, int newBytes) {
    long[] mib = mib(name);
    if (mib == UNKNOWN) {
      return false;
    }
    for (int i = 0; i < mib.length; i++) {
      s.setAtIndex(LONG, i, mib[i] < 0 ? index : mib[i]);
    }
    s.set(LONG, OLD_LENGTH, oldBytes);
    MemorySegment old = oldBytes == 0 ? MemorySegment.NULL : s.asSlice(OLD, 8);
    MemorySegment length = oldBytes == 0 ? MemorySegment.NULL : s.asSlice(OLD_LENGTH, 8);
    MemorySegment fresh = write ? s.asSlice(NEW, 8) : MemorySegment.NULL;
    try {
      return (int) BY_MIB.invokeExact(
              byMib, s, (long) mib.length, old, length, fresh, (long) newBytes)
          == 0;
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  private long[] mib(String name) {
    long[] known = mibs.get(name);
    return known != null ? known : mibs.computeIfAbsent(name, this::translate);
  }

  private long[] translate(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mib = arena.allocate(LONG, MAX_DEPTH);
      MemorySegment depth = arena.allocateFrom(LONG, MAX_DEPTH);
      MemorySegment text = arena.allocateFrom(name.replace('*', '0'));
      if ((int) TO_MIB.invokeExact(nameToMib, text, mib, depth) != 0) {
        return UNKNOWN;
      }
      long[] parts = mib.asSlice(0, depth.get(LONG, 0) * 8).toArray(LONG);
      String[] names = name.split("\\.", -1);
      for (int i = 0; i < parts.length; i++) {
        parts[i] = names[i].equals("*") ? -1 : parts[i];
      }
      return parts;
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }
}
