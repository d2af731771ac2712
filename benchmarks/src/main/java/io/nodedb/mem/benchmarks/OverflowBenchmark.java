package io.nodedb.mem.benchmarks;

import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
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

/**
 * An overflow region in use: slots read, written and freed, opened; beside H2's MVStore where it does
 * the same. For new payloads see {@link AppendBenchmark}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {
      ReserveBenchmark.AGENT, "-Xmx2g", "--enable-native-access=ALL-UNNAMED"
    })
public class OverflowBenchmark {
  private static final int KEPT = 1000;

  /** A region that stays as large as it is. */
  @State(Scope.Benchmark)
  public static class Rewriting {
    private Place place;
    private OverflowRegion region;
    private final byte[] payload = new byte[4096];
    private final long[] slots = new long[KEPT];
    private int next;

    /** Fills it. */
    @Setup
    public void open() {
      place = new Place();
      region = place.open(Durability.NONE);
      for (int i = 0; i < KEPT; i++) {
        slots[i] = region.write(payload, "vector");
      }
    }

    /** Closes and deletes. */
    @TearDown
    public void close() throws IOException {
      region.close();
      place.delete();
    }
  }

  /** Reading. */
  @State(Scope.Benchmark)
  public static class Reading {
    private Place place;
    private OverflowRegion writer;
    private OverflowRegion reader;
    private MVStore store;
    private MVMap<Integer, byte[]> map;
    private long[] slots;
    private int next;

    /** Fills a region and a store with 4 KiB payloads. */
    @Setup
    public void open() {
      place = new Place();
      writer = place.open(Durability.ASYNC);
      store = MVStore.open(place.directory.resolve("store").toString());
      map = store.openMap("map");
      slots = new long[KEPT];
      for (int i = 0; i < KEPT; i++) {
        slots[i] = writer.write(new byte[4096], "vector");
        map.put(i, new byte[4096]);
      }
      writer.forceCheckpoint();
      store.commit();
      reader = place.reader();
    }

    /** Closes and deletes. */
    @TearDown
    public void close() throws IOException {
      reader.close();
      writer.close();
      store.close();
      place.delete();
    }
  }

  /** Opening. */
  @State(Scope.Benchmark)
  public static class Opening {
    /** Slots in the region. */
    @Param({"10", "100000", "10000000"})
    public int slots;

    private Place place;

    /** Makes the region. */
    @Setup
    public void make() {
      place = new Place();
      try (OverflowRegion region = place.open(Durability.NONE)) {
        byte[] payload = new byte[16];
        for (int i = 0; i < slots; i++) {
          region.write(payload, "vector");
        }
      }
    }

    /** Deletes it. */
    @TearDown
    public void delete() throws IOException {
      place.delete();
    }
  }

  /** Write one of 4 KiB and free the one written 1,000 writes ago. */
  @Benchmark
  public void writeAndFree(Rewriting state) {
    state.next = (state.next + 1) % KEPT;
    state.region.free(state.slots[state.next]);
    state.slots[state.next] = state.region.write(state.payload, "vector");
  }

  /** A slot through the writer. */
  @Benchmark
  public byte read(Reading state) {
    return first(state.writer, state);
  }

  /** A slot through a reader. */
  @Benchmark
  public byte readReader(Reading state) {
    return first(state.reader, state);
  }

  /** A value of MVStore, from its cache. */
  @Benchmark
  public byte readMvStore(Reading state) {
    state.next = (state.next + 1) % KEPT;
    return state.map.get(state.next)[0];
  }

  private static byte first(OverflowRegion region, Reading state) {
    state.next = (state.next + 1) % KEPT;
    try (OverflowView view = region.read(state.slots[state.next])) {
      return view.segment().get(ValueLayout.JAVA_BYTE, 0);
    }
  }

  /** Opening a reader, and closing it. */
  @Benchmark
  public long openReadOnly(Opening state) {
    try (OverflowRegion region = state.place.reader()) {
      return region.statistics().liveSlots();
    }
  }

  /** Opening the writer after a clean end: the whole table is read. */
  @Benchmark
  public long openForWriting(Opening state) {
    try (OverflowRegion region = state.place.open(Durability.NONE)) {
      return region.statistics().liveSlots();
    }
  }
}
