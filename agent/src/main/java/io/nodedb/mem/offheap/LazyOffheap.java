package io.nodedb.mem.offheap;

import io.nodedb.mem.governor.ReliefStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Native memory that starts when it is first asked for. Binding a native library takes 0.2 s of
 * processor time in a young JVM, which an application without native memory need not pay.
 * Thread-safe.
 */
public final class LazyOffheap implements Supplier<OffheapMemory>, AutoCloseable {
  private final Supplier<OffheapMemory> start;
  private volatile OffheapMemory memory;

  /**
   * Makes one that has not started.
   *
   * @param start starts it, called once
   */
  public LazyOffheap(Supplier<OffheapMemory> start) {
    this.start = start;
  }

  /** The memory; starts it. */
  @Override
  public OffheapMemory get() {
    OffheapMemory started = memory;
    return started != null ? started : startOnce();
  }

  /**
   * The memory, if it was ever asked for.
   *
   * @return the memory, or empty
   */
  public Optional<OffheapMemory> ifStarted() {
    return Optional.ofNullable(memory);
  }

  /**
   * See {@link OffheapMemory#relief}; does nothing before the start.
   *
   * @return the step
   */
  public ReliefStep relief() {
    return (engine, missing, bound) -> {
      ifStarted().ifPresent(OffheapMemory::refresh);
      return false;
    };
  }

  /**
   * What can be said of the allocator before it is bound.
   *
   * @return a few words for the start line
   */
  public static String announcement() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("jemalloc"))
          .map(line -> "jemalloc preloaded (" + line.substring(line.indexOf('/')) + ")")
          .findFirst()
          .orElse("jemalloc on first use");
    } catch (IOException | RuntimeException e) {
      return "allocator chosen on first use";
    }
  }

  @Override
  public void close() {
    ifStarted().ifPresent(OffheapMemory::close);
  }

  private synchronized OffheapMemory startOnce() {
    if (memory == null) {
      memory = start.get();
    }
    return memory;
  }
}
