package io.nodedb.mem.offheap;

import static io.nodedb.mem.offheap.Native.INT;
import static io.nodedb.mem.offheap.Native.LONG;
import static io.nodedb.mem.offheap.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/**
 * The kernel's side of pinning: which cores the calling thread may run on, and which node's memory
 * it gets. A refusal comes back as an error number, 0 for none.
 */
final class ThreadPlacement {
  /** Policy numbers of {@code set_mempolicy}. */
  private static final int DEFAULT_POLICY = 0;

  private static final int PREFERRED = 1;

  /** Cores or nodes a mask has room for. */
  private static final int BITS = 4096;

  private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
  private static final long SET_MEMPOLICY = X86 ? 238 : 237;
  private static final long GET_MEMPOLICY = X86 ? 239 : 236;

  private static final Linker.Option ERRNO_OPTION = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout()
          .varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SET_AFFINITY =
      Native.libc(
          "sched_setaffinity", FunctionDescriptor.of(INT, INT, LONG, POINTER), ERRNO_OPTION);
  private static final MethodHandle GET_AFFINITY =
      Native.libc(
          "sched_getaffinity", FunctionDescriptor.of(INT, INT, LONG, POINTER), ERRNO_OPTION);
  private static final MethodHandle SYSCALL_POLICY =
      Native.libc(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, INT, POINTER, LONG),
          ERRNO_OPTION,
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle SYSCALL_GET_POLICY =
      Native.libc(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, POINTER, POINTER, LONG, LONG, LONG),
          ERRNO_OPTION,
          Linker.Option.firstVariadicArg(1));

  private ThreadPlacement() {}

  /** The cores the calling thread may run on; empty if the kernel does not say. */
  static BitSet affinity() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(BITS >> 3, 8);
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) GET_AFFINITY.invokeExact(state, 0, mask.byteSize(), mask);
      return result < 0 ? new BitSet() : BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  /** Restricts the calling thread to some cores. */
  static int affinity(BitSet cpus) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = mask(arena, cpus);
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) SET_AFFINITY.invokeExact(state, 0, mask.byteSize(), mask);
      return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  /** Makes the calling thread get memory of a node first; of whatever node if negative. */
  static int preferNode(int node) {
    try (Arena arena = Arena.ofConfined()) {
      BitSet nodes = new BitSet();
      if (node >= 0) {
        nodes.set(node);
      }
      MemorySegment mask = node < 0 ? MemorySegment.NULL : mask(arena, nodes);
      // The kernel reads one bit less than it is told.
      long bits = node < 0 ? 0 : BITS >> 2;
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      long result =
          (long)
              SYSCALL_POLICY.invokeExact(
                  state, SET_MEMPOLICY, node < 0 ? DEFAULT_POLICY : PREFERRED, mask, bits);
      return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  /** The node the calling thread gets memory of first; -1 if there is no such preference. */
  static int preferredNode() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment policy = arena.allocate(INT);
      MemorySegment mask = arena.allocate(BITS >> 3, 8);
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      long result =
          (long)
              SYSCALL_GET_POLICY.invokeExact(
                  state, GET_MEMPOLICY, policy, mask, (long) BITS, 0L, 0L);
      return result != 0 || policy.get(INT, 0) != PREFERRED
          ? -1
          : BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE)).nextSetBit(0);
    } catch (Throwable t) {
      throw Native.rethrow(t);
    }
  }

  private static MemorySegment mask(Arena arena, BitSet set) {
    MemorySegment mask = arena.allocate(BITS >> 3, 8);
    byte[] bytes = set.toByteArray();
    MemorySegment.copy(bytes, 0, mask, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return mask;
  }
}
