package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingStatistics;
import io.nodedb.mem.Pin;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight threads pin, unpin, grow, evict and release the same files; room for two windows. */
class ConcurrentWindowsTest {
  private static final long WINDOW = 4L * LibC.PAGE;
  private static final int FILES = 4;
  private static final long SLOT = 64;

  @TempDir Path dir;

  /** Iterations a thread; the property repeats it for longer by hand. */
  private static final int ITERATIONS = Integer.getInteger("mapped.iterations", 6_000);

  @Test
  void contentsStayRightAndNothingIsTouchedUnmapped() throws InterruptedException {
    LimitedAccount account = new LimitedAccount("query", 3 * WINDOW);
    MappingSettings settings =
        MappingSettings.DEFAULTS
            .withWindowSize(WINDOW)
            .withBudget(2 * WINDOW)
            .withCaps(100, 2)
            .withPinWait(Duration.ofMillis(5));
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    AtomicLong done = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    AtomicLong overBudget = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    try (MappingManager manager =
        new MappingManager(settings, engine -> account, System::nanoTime)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int id = t;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        work(manager, id, done, refused);
                      } catch (Throwable e) {
                        failures.add(e);
                      }
                    }));
      }
      Thread watcher =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stop.get()) {
                      if (manager.mappedBytes() > settings.budget()) {
                        overBudget.incrementAndGet();
                      }
                      Thread.yield();
                    }
                  });
      for (Thread thread : threads) {
        thread.join();
      }
      stop.set(true);
      watcher.join();
      assertThat(failures).isEmpty();
      assertThat(done.get()).isGreaterThan(8L * ITERATIONS / 20);
      assertThat(overBudget.get()).isZero();
      MappingStatistics total = manager.snapshot().total();
      assertThat(total.livePins()).isZero();
      assertThat(total.evictions()).isPositive();
      assertThat(account.used.get()).isEqualTo(total.bytes());
    }
    assertThat(account.used.get()).isZero();
  }

  /** Each thread writes one slot in every 8; a slot holds the name of its place. */
  private void work(MappingManager manager, int id, AtomicLong done, AtomicLong refused) {
    SplittableRandom random = new SplittableRandom(id);
    long slots = 6 * WINDOW / SLOT;
    for (int i = 0; i < ITERATIONS; i++) {
      int f = random.nextInt(FILES);
      Path file = dir.resolve("f" + f);
      try {
        switch (random.nextInt(16)) {
          case 0 -> manager.releaseCold(Duration.ZERO);
          case 1 -> manager.release(file);
          case 2 -> manager.residentBytes(null);
          case 3 -> {
            // A range across windows, larger than a slot: only its own pages.
            long from = WINDOW - SLOT * (1 + random.nextInt(4));
            try (Pin pin =
                manager.pin(file, from, 8 * SLOT, MapMode.READ_WRITE, "query", "f" + f)) {
              check(pin.segment(), f, from);
            }
          }
          default -> {
            long slot = random.nextLong(slots / 8) * 8 + id;
            long reach = 1 + slots * i / ITERATIONS; // the files grow as time goes by
            slot = Math.min(slot, reach / 8 * 8 + id);
            long at = slot * SLOT;
            try (Pin pin = manager.pin(file, at, SLOT, MapMode.READ_WRITE, "query", "f" + f)) {
              check(pin.segment(), f, at);
              for (long b = 0; b < SLOT; b += 8) {
                pin.segment().set(ValueLayout.JAVA_LONG, b, name(f, at + b));
              }
            }
          }
        }
        done.incrementAndGet();
      } catch (BudgetExceededException e) {
        refused.incrementAndGet();
      }
    }
  }

  private static void check(MemorySegment segment, int file, long offset) {
    for (long b = 0; b < segment.byteSize(); b += 8) {
      long value = segment.get(ValueLayout.JAVA_LONG, b);
      if (value != 0 && value != name(file, offset + b)) {
        throw new AssertionError(
            "file " + file + " at " + (offset + b) + ": " + Long.toHexString(value));
      }
    }
  }

  private static long name(int file, long offset) {
    return ((long) file + 1) << 48 | offset;
  }
}
