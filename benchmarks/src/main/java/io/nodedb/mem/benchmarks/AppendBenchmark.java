package io.nodedb.mem.benchmarks;

import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 256 MiB of new payloads, each contender into files of its own that are new as well, so that all
 * find no page of theirs in the cache: what spilling does. Milliseconds for all of it.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 8)
@Fork(
    value = 1,
    jvmArgsAppend = {
      ReserveBenchmark.AGENT, "-Xmx2g", "--enable-native-access=ALL-UNNAMED"
    })
public class AppendBenchmark {
  private static final long TOTAL = 256L << 20;

  /** What is written. */
  @State(Scope.Benchmark)
  public static class Payloads {
    /** Bytes of a payload. */
    @Param({"4096", "1048576"})
    public int size;

    byte[] payload;
    int count;

    /** Makes one payload. */
    @Setup
    public void make() {
      payload = new byte[size];
      new Random(1).nextBytes(payload);
      count = (int) (TOTAL / size);
    }
  }

  /** A new region for each shot. */
  @State(Scope.Benchmark)
  public static class Region {
    /** The region's policy. */
    @Param({"NONE", "ASYNC"})
    public Durability durability;

    Place place;
    OverflowRegion region;

    /** Opens it. */
    @Setup(Level.Iteration)
    public void open() {
      place = new Place();
      region = place.open(durability);
    }

    /** Closes and deletes it. */
    @TearDown(Level.Iteration)
    public void close() throws IOException {
      region.close();
      place.delete();
    }
  }

  /** A new mapped file for each shot. */
  @State(Scope.Benchmark)
  public static class Plain {
    Place place;
    Arena arena;
    MemorySegment mapped;

    /** Maps it. */
    @Setup(Level.Iteration)
    public void open() throws IOException {
      place = new Place();
      arena = Arena.ofShared();
      try (FileChannel channel =
          FileChannel.open(
              place.directory.resolve("plain"),
              StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, TOTAL, arena);
      }
    }

    /** Unmaps and deletes it. */
    @TearDown(Level.Iteration)
    public void close() throws IOException {
      arena.close();
      place.delete();
    }
  }

  /** A new store for each shot. */
  @State(Scope.Benchmark)
  public static class Store {
    Place place;
    MVStore store;
    MVMap<Integer, byte[]> map;

    /** Opens it. */
    @Setup(Level.Iteration)
    public void open() {
      place = new Place();
      store = MVStore.open(place.directory.resolve("store").toString());
      map = store.openMap("map");
    }

    /** Closes and deletes it. */
    @TearDown(Level.Iteration)
    public void close() throws IOException {
      store.closeImmediately();
      place.delete();
    }
  }

  /** Slots of a region. */
  @Benchmark
  public long region(Payloads payloads, Region to) {
    long last = 0;
    for (int i = 0; i < payloads.count; i++) {
      last = to.region.write(payloads.payload, "vector");
    }
    return last;
  }

  /** Bytes of a mapped file: neither checksum nor log. */
  @Benchmark
  public long plainCopy(Payloads payloads, Plain to) {
    for (int i = 0; i < payloads.count; i++) {
      MemorySegment.copy(
          payloads.payload, 0, to.mapped, ValueLayout.JAVA_BYTE,
          (long) i * payloads.size, payloads.size);
    }
    return to.mapped.byteSize();
  }

  /** Values of an MVStore, committed in the end. It keeps the arrays, so each gets its own. */
  @Benchmark
  public long mvStore(Payloads payloads, Store to) {
    for (int i = 0; i < payloads.count; i++) {
      to.map.put(i, payloads.payload.clone());
    }
    return to.store.commit();
  }
}
