package io.nodedb.mem.offheap;

import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.governor.ReliefStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

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
   * Gives the free pages of all of jemalloc back to the system, now. For the guard, when the process
   * occupies more than its engines use; starts the memory only where jemalloc is everybody's malloc.
   * Takes milliseconds where there is much to give back. Blocks nobody who allocates, but those who
   * need new pages of the arena at hand.
   *
   * @return whether there is a jemalloc
   */
  public boolean purge() {
    Optional<OffheapMemory> there = serving();
    return there.isPresent() && there.get().purge();
  }

  /**
   * Free pages that jemalloc keeps resident, in all its arenas: what {@link #purge} would give back.
   *
   * @return bytes, or empty if there is no jemalloc in use or it keeps no statistics
   */
  public OptionalLong dirty() {
    return serving().map(OffheapMemory::dirty).orElseGet(OptionalLong::empty);
  }

  /**
   * The allocator's figures now. Does not start the memory, unless jemalloc is everybody's malloc.
   *
   * @return the figures; zeros before the start
   */
  public NativeSnapshot snapshot() {
    return serving()
        .map(OffheapMemory::snapshot)
        .orElseGet(() -> NativeSnapshot.idle(announcement()));
  }

  /** The memory if it has started, or if whatever the process mallocs is jemalloc's. */
  private Optional<OffheapMemory> serving() {
    Optional<OffheapMemory> started = ifStarted();
    return started.isEmpty() && Preloaded.FILE.isPresent() ? Optional.of(get()) : started;
  }

  /**
   * What can be said of the allocator before it is bound.
   *
   * @return a few words for the start line
   */
  public static String announcement() {
    return Preloaded.FILE
        .map(file -> "jemalloc preloaded (" + file + ")")
        .orElse("jemalloc on first use");
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

  /** A jemalloc that was in the process before the agent. Looked for once. */
  private static final class Preloaded {
    static final Optional<String> FILE = find();

    /** Not line by line: a stream of lines takes ten milliseconds of the JVM's start. */
    private static Optional<String> find() {
      try {
        String maps = Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1);
        int found = maps.indexOf("jemalloc");
        if (found < 0) {
          return Optional.empty();
        }
        int path = maps.indexOf('/', maps.lastIndexOf('\n', found) + 1);
        return Optional.of(maps.substring(path, maps.indexOf('\n', found)));
      } catch (IOException | RuntimeException e) {
        return Optional.empty();
      }
    }
  }
}
