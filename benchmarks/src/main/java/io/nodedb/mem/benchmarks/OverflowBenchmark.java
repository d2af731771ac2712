package io.nodedb.mem.benchmarks;

import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.mapped.AccountSource;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import io.nodedb.mem.overflow.OverflowRegions;
import io.nodedb.mem.overflow.RegionContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
 * An overflow region beside a plain copy into a mapped file, and beside H2's MVStore doing the same
 * put, get and reopen. Each write frees the slot written 1,000 writes ago, so that the region and the
 * store stay as large as they are; the copy goes round in as many places.
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

  /** A directory, and all that works in it. */
  private static final class Place {
    final Path directory;
    final MappingManager manager =
        new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime);
    final RegionContext context = RegionContext.of(manager, "vector");

    Place() {
      try {
        directory = Files.createTempDirectory("overflow-benchmark");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    OverflowRegion open(Durability durability) {
      return OverflowRegions.open(
          directory.resolve("region"),
          OverflowOptions.defaults()
              .withSize(64L << 20, 4L << 30)
              .withDurability(durability),
          context);
    }

    OverflowRegion reader() {
      return OverflowRegions.openReadOnly(
          directory.resolve("region"), PayloadCheck.FIRST_TOUCH, context);
    }

    void delete() throws IOException {
      manager.close();
      try (Stream<Path> paths = Files.walk(directory)) {
        List<Path> all = paths.sorted(Comparator.reverseOrder()).toList();
        for (Path path : all) {
          Files.delete(path);
        }
      }
    }
  }

  /** Writing. */
  @State(Scope.Benchmark)
  public static class Writing {
    /** Bytes of a payload. */
    @Param({"4096", "1048576"})
    public int size;

    /** The region's policy. */
    @Param({"NONE", "ASYNC"})
    public Durability durability;

    private Place place;
    private OverflowRegion region;
    private MVStore store;
    private MVMap<Integer, byte[]> map;
    private MemorySegment plain;
    private Arena arena;
    private byte[] payload;
    private long[] slots;
    private int next;

    /** Opens all three and fills them. */
    @Setup
    public void open() throws IOException {
      place = new Place();
      region = place.open(durability);
      store = MVStore.open(place.directory.resolve("store").toString());
      map = store.openMap("map");
      arena = Arena.ofShared();
      try (FileChannel channel =
          FileChannel.open(
              place.directory.resolve("plain"),
              StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        plain = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) KEPT * size, arena);
      }
      payload = new byte[size];
      new Random(1).nextBytes(payload);
      slots = new long[KEPT];
      for (int i = 0; i < KEPT; i++) {
        slots[i] = region.write(payload, "vector");
        map.put(i, payload.clone());
        MemorySegment.copy(
            payload, 0, plain, ValueLayout.JAVA_BYTE, (long) i * size, size);
      }
    }

    /** Closes and deletes. */
    @TearDown
    public void close() throws IOException {
      region.close();
      store.close();
      arena.close();
      place.delete();
    }

    private int next() {
      next = (next + 1) % KEPT;
      return next;
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

  /** The region: write one, free one. */
  @Benchmark
  public void write(Writing state) {
    int i = state.next();
    state.region.free(state.slots[i]);
    state.slots[i] = state.region.write(state.payload, "vector");
  }

  /** A plain copy into a mapped file: neither checksum nor log. */
  @Benchmark
  public void writePlainCopy(Writing state) {
    MemorySegment.copy(
        state.payload, 0, state.plain, ValueLayout.JAVA_BYTE,
        (long) state.next() * state.size, state.size);
  }

  /** MVStore: replace one. It keeps the array, so it gets one of its own. */
  @Benchmark
  public void writeMvStore(Writing state) {
    state.map.put(state.next(), state.payload.clone());
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
