package io.nodedb.mem.benchmarks;

import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.overflow.OverflowRegions;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * How long it takes to open regions: read-only with few slots and with many, in one process and by
 * turns; for writing, from a checkpoint and from a log; beside MVStore with the same values. Payloads
 * have 16 bytes, so that slots are what counts.
 */
public final class RegionTimes {
  private static final int[] SLOTS = {10, 100_000, 10_000_000};
  private static final int RECOVERED = 1_000_000;
  private static final int WARM_UP = 1_000;
  private static final int ROUNDS = 1_000;

  private RegionTimes() {}

  /**
   * Measures.
   *
   * @param args ignored
   * @throws IOException if the disk refuses
   * @throws InterruptedException if interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    readers();
    recovery();
    store();
  }

  private static void readers() throws IOException {
    Place[] places = new Place[SLOTS.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = new Place();
      fill(places[i].open(Durability.NONE), SLOTS[i]).close();
    }
    double[][] micros = new double[SLOTS.length][ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (int i = 0; i < places.length; i++) {
        long began = System.nanoTime();
        OverflowRegion reader = places[i].reader();
        double took = (System.nanoTime() - began) / 1e3;
        if (reader.statistics().liveSlots() != SLOTS[i]) {
          throw new IllegalStateException(SLOTS[i] + " slots are not there");
        }
        reader.close();
        if (round >= 0) {
          micros[i][round] = took;
        }
      }
    }
    for (int i = 0; i < places.length; i++) {
      Arrays.sort(micros[i]);
      System.out.printf(
          "openReadOnly, %,d slots: median %.0f us, p99 %.0f us, most %.0f us%n",
          SLOTS[i], micros[i][ROUNDS / 2], micros[i][ROUNDS * 99 / 100], micros[i][ROUNDS - 1]);
      places[i].delete();
    }
    System.out.printf(
        "openReadOnly, most slots : fewest: %.2f%n",
        micros[SLOTS.length - 1][ROUNDS / 2] / micros[0][ROUNDS / 2]);
  }

  private static OverflowRegion fill(OverflowRegion region, int slots) {
    byte[] payload = new byte[16];
    for (int i = 0; i < slots; i++) {
      region.write(payload, "vector");
    }
    return region;
  }

  private static void recovery() throws IOException, InterruptedException {
    Place place = new Place();
    Path crashed = place.directory.resolve("crashed");
    OverflowOptions options =
        OverflowOptions.defaults()
            .withSize(64L << 20, 4L << 30)
            .withDurability(Durability.ASYNC)
            .withCheckpoints(1L << 30, Duration.ofDays(1), 2);
    Path directory = place.directory.resolve("region");
    for (int round = 0; round < 5; round++) {
      try (OverflowRegion _ =
          fill(OverflowRegions.open(directory, options, place.context), RECOVERED)) {
        Thread.sleep(500); // the last group is committed, or the copy would be of two moments
        copy(directory, crashed); // what a crash would leave
      }
      open("a log", crashed, options, place);
      open("a checkpoint", directory, options, place);
      delete(crashed);
      delete(directory);
    }
    place.delete();
  }

  private static void open(String from, Path directory, OverflowOptions options, Place place) {
    long began = System.nanoTime();
    OverflowRegion region = OverflowRegions.open(directory, options, place.context);
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "recovery from %s: %,d slots in %.0f ms, %,.0f slots a second%n",
        from, region.statistics().liveSlots(), seconds * 1e3,
        region.statistics().liveSlots() / seconds);
    region.close();
  }

  /** The same values in a region and in a store: put, end, open again, get each. */
  private static void store() throws IOException {
    for (int round = 0; round < 5; round++) {
      Place place = new Place();
      long began = System.nanoTime();
      OverflowRegion region = place.open(Durability.NONE);
      fill(region, RECOVERED);
      long[] slots = region.slots(null).toArray();
      region.close();
      double put = millis(began);
      began = System.nanoTime();
      OverflowRegion reader = place.reader();
      double open = millis(began);
      began = System.nanoTime();
      long sum = 0;
      for (long slot : slots) {
        try (OverflowView view = reader.read(slot)) {
          sum += view.segment().get(ValueLayout.JAVA_BYTE, 0);
        }
      }
      report("region", put, open, millis(began), sum);
      reader.close();

      String file = place.directory.resolve("store").toString();
      began = System.nanoTime();
      MVStore store = MVStore.open(file);
      MVMap<Integer, byte[]> map = store.openMap("map");
      for (int i = 0; i < RECOVERED; i++) {
        map.put(i, new byte[16]);
      }
      store.close();
      put = millis(began);
      began = System.nanoTime();
      store = MVStore.open(file);
      map = store.openMap("map");
      open = millis(began);
      began = System.nanoTime();
      sum = 0;
      for (int i = 0; i < RECOVERED; i++) {
        sum += map.get(i)[0];
      }
      report("MVStore", put, open, millis(began), sum);
      store.close();
      place.delete();
    }
  }

  private static double millis(long began) {
    return (System.nanoTime() - began) / 1e6;
  }

  private static void report(String who, double put, double open, double get, long sum) {
    if (sum != 0) {
      throw new IllegalStateException(who + " has other values than were put");
    }
    System.out.printf(
        "%s: put %,d and close %.0f ms, open %.2f ms, get each %.0f ms%n",
        who, RECOVERED, put, open, get);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
