package io.nodedb.mem.benchmarks;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.lwjgl.system.jemalloc.JEmalloc;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@link NativeBenchmark} does, by others: a block of native memory, not cleared, allocated and
 * freed. Arrow counts it against a budget; LWJGL calls jemalloc through JNI and counts nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {
      ReserveBenchmark.AGENT,
      "-Xmx1g",
      // Arrow and Netty reach for the JDK's direct memory.
      "--add-opens=java.base/java.nio=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "--enable-native-access=ALL-UNNAMED"
    })
public class NativeRivalsBenchmark {
  /** The block. */
  @State(Scope.Benchmark)
  public static class Size {
    /** Bytes. */
    @Param({"256", "65536", "4194304"})
    public int bytes;
  }

  /** One child with a budget for all threads, like an engine. */
  @State(Scope.Benchmark)
  public static class Arrow {
    private final RootAllocator root = new RootAllocator();
    final BufferAllocator child = root.newChildAllocator("engine", 0, 1L << 30);

    /** Closes it. */
    @TearDown
    public void close() {
      child.close();
      root.close();
    }
  }

  private static final ByteBufAllocator POOLED = PooledByteBufAllocator.DEFAULT;
  private static final ByteBufAllocator ADAPTIVE = new AdaptiveByteBufAllocator(true);

  /**
   * Netty's pool.
   *
   * @param size the block
   * @return its address
   */
  @Benchmark
  public long nettyPooled(Size size) {
    return netty(POOLED, size.bytes);
  }

  /**
   * Netty's newer pool.
   *
   * @param size the block
   * @return its address
   */
  @Benchmark
  public long nettyAdaptive(Size size) {
    return netty(ADAPTIVE, size.bytes);
  }

  /**
   * Arrow's child allocator.
   *
   * @param size the block
   * @param arrow the allocator
   * @return its address
   */
  @Benchmark
  public long arrowChild(Size size, Arrow arrow) {
    try (ArrowBuf buffer = arrow.child.buffer(size.bytes)) {
      return buffer.memoryAddress();
    }
  }

  /**
   * LWJGL's binding of jemalloc.
   *
   * @param size the block
   * @return its address
   */
  @Benchmark
  public long lwjgl(Size size) {
    long block = JEmalloc.nje_mallocx(size.bytes, 0);
    JEmalloc.nje_sdallocx(block, size.bytes, 0);
    return block;
  }

  private static long netty(ByteBufAllocator allocator, int bytes) {
    ByteBuf buffer = allocator.directBuffer(bytes);
    long address = buffer.memoryAddress();
    buffer.release();
    return address;
  }
}
