package io.nodedb.mem.benchmarks;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.NativeAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A native block of an engine, charged, allocated and freed; and the JDK's own, charged to nobody. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = {ReserveBenchmark.AGENT, "-Xmx1g"})
public class NativeBenchmark {
  /** One allocator a thread. */
  @State(Scope.Thread)
  public static class Memory {
    /** The block. */
    @Param({"256", "65536", "4194304"})
    public long bytes;

    MemoryGovernor governor;
    NativeAllocator unzeroed;
    NativeAllocator zeroed;

    /** Makes the thread's allocators. */
    @Setup
    public void open() {
      governor = MemoryGovernor.get();
      if (!governor.active()) {
        throw new IllegalStateException("no agent: run from the project's root, see the README");
      }
      unzeroed = governor.nativeMemory().allocator(Engines.VECTOR, ArenaOption.UNZEROED);
      zeroed = governor.nativeMemory().allocator(Engines.VECTOR);
    }

    /** Closes them. */
    @TearDown
    public void close() {
      unzeroed.close();
      zeroed.close();
    }
  }

  /**
   * Charged, as it is.
   *
   * @param memory the thread's
   * @return the block's address
   */
  @Benchmark
  public long allocator(Memory memory) {
    MemorySegment block = memory.unzeroed.allocate(memory.bytes);
    memory.unzeroed.free(block);
    return block.address();
  }

  /**
   * Charged and cleared.
   *
   * @param memory the thread's
   * @return the block's address
   */
  @Benchmark
  public long allocatorZeroed(Memory memory) {
    MemorySegment block = memory.zeroed.allocate(memory.bytes);
    memory.zeroed.free(block);
    return block.address();
  }

  /**
   * An engine's arena for one block.
   *
   * @param memory the thread's
   * @return the block's address
   */
  @Benchmark
  public long arena(Memory memory) {
    try (Arena arena = memory.governor.arena(Engines.VECTOR, ArenaOption.UNZEROED)) {
      return arena.allocate(memory.bytes).address();
    }
  }

  /**
   * The JDK's arena for one block.
   *
   * @param memory the thread's
   * @return the block's address
   */
  @Benchmark
  public long jdkArena(Memory memory) {
    try (Arena arena = Arena.ofConfined()) {
      return arena.allocate(memory.bytes).address();
    }
  }
}
