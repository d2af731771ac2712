package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class OverflowThreadsTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;

  @Test
  void threadsWriteReadAndFreeInAFullRegionWhileReadersComeAndGo() throws Exception {
    OverflowOptions options =
        Store.small()
            .withSize(64 << 10, 2 << 20)
            .withDurability(Durability.ASYNC)
            .withCheckpoints(16 << 10, Duration.ofDays(1), 2);
    AtomicInteger writers = new AtomicInteger(3);
    try (MappingManager manager = Store.manager();
        OverflowRegion region = Store.open(temp.resolve("region"), options, manager);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        results.add(threads.submit(new Worker(region, i, writers)));
      }
      Future<Integer> reader =
          threads.submit(
              () -> {
                int read = 0;
                while (writers.get() > 0) {
                  try (OverflowRegion view = Store.openReadOnly(temp.resolve("region"), manager)) {
                    long[] slots = view.slots(null).toArray();
                    for (long slot : slots) {
                      assertThat(Worker.good(Store.read(view, slot))).isTrue();
                      read++;
                    }
                  }
                }
                return read;
              });
      int live = 0;
      for (Future<Integer> result : results) {
        live += result.get();
      }
      assertThat(reader.get()).isPositive();
      assertThat(region.statistics().liveSlots()).isEqualTo(live);
      assertThat(region.slots(null).allMatch(slot -> Worker.good(Store.read(region, slot))))
          .isTrue();
    }
  }

  /** Keeps up to 60 slots of up to 8 KiB, checks each before it frees it. */
  private record Worker(OverflowRegion region, int number, AtomicInteger running)
      implements Callable<Integer> {
    @Override
    public Integer call() {
      Random random = new Random(number);
      List<Long> mine = new ArrayList<>();
      try {
        for (int i = 0; i < 4000; i++) {
          if (mine.size() > 60 || mine.size() > 10 && random.nextBoolean()) {
            long slot = mine.remove(random.nextInt(mine.size()));
            assertThat(good(Store.read(region, slot))).isTrue();
            region.free(slot);
          } else {
            mine.add(write(payload(random)));
          }
        }
        return mine.size();
      } finally {
        running.decrementAndGet();
      }
    }

    private static final Pattern HELD = Pattern.compile("([0-9]+) freed but still referred to");

    /** A reader that is off its processor holds freed bytes back: then the region is full for a while. */
    private long write(byte[] payload) {
      while (true) {
        try {
          return region.write(payload, "engine" + number);
        } catch (OverflowException full) {
          // Only for that: most of its 2 MiB must be freed already, and told to be.
          Matcher told = HELD.matcher(full.getMessage());
          assertThat(told.find()).as(full.getMessage()).isTrue();
          assertThat(Long.parseLong(told.group(1))).as(full.getMessage()).isGreaterThan(1 << 20);
          Thread.yield();
        }
      }
    }

    /** All bytes alike, so bytes of another payload show. */
    private static byte[] payload(Random random) {
      byte[] bytes = new byte[1 + random.nextInt(8192)];
      java.util.Arrays.fill(bytes, (byte) random.nextInt());
      return bytes;
    }

    static boolean good(byte[] bytes) {
      for (byte b : bytes) {
        if (b != bytes[0]) {
          return false;
        }
      }
      return bytes.length > 0;
    }
  }
}
