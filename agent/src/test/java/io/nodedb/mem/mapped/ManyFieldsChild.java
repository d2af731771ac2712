package io.nodedb.mem.mapped;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.Pin;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * One file a field under one budget, two threads: writes all, then reads and verifies at random.
 * A program of its own, so that the process's RSS is that of mapped memory. Prints one line of
 * {@code key=value}.
 */
final class ManyFieldsChild {
  private static final long FIELD = 64L << 10;
  private static final long PAGE = 4096;

  private final MappingManager manager;
  private final Path[] files;
  private final int operations;
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

  private ManyFieldsChild(MappingManager manager, Path[] files, int operations) {
    this.manager = manager;
    this.files = files;
    this.operations = operations;
  }

  /**
   * Runs.
   *
   * @param args directory, number of fields, budget in bytes, operations
   * @throws Exception if anything fails
   */
  public static void main(String[] args) throws Exception {
    Path[] files = new Path[Integer.parseInt(args[1])];
    for (int i = 0; i < files.length; i++) {
      files[i] = Path.of(args[0], "field-" + i);
    }
    long budget = Long.parseLong(args[2]);
    try (MappingManager manager =
        new MappingManager(
            MappingSettings.DEFAULTS.withBudget(budget), AccountSource.NONE, System::nanoTime)) {
      new ManyFieldsChild(manager, files, Integer.parseInt(args[3])).run();
    }
  }

  private void run() throws Exception {
    AtomicLong mapped = new AtomicLong();
    AtomicLong rss = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    long before = rss();
    Thread watcher =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int n = 0; !stop.get(); n++) {
                    mapped.accumulateAndGet(manager.mappedBytes(), Math::max);
                    if (n % 16 == 0) {
                      rss.accumulateAndGet(rss(), Math::max);
                    }
                    LockSupport.parkNanos(1_000_000);
                  }
                });
    long writing = twoThreads(this::write) / files.length;
    twoThreads(this::verify);
    long verifying = twoThreads(this::verify) / operations;
    stop.set(true);
    watcher.join();
    MappingSnapshot end = manager.snapshot();
    System.out.println(
        "RESULT failures=" + failures.size() + " mapped=" + mapped + " rss=" + (rss.get() - before)
            + " live=" + end.total().livePins() + " fields=" + end.fields().size()
            + " open=" + end.openFiles() + " maps=" + end.total().maps()
            + " evictions=" + end.total().evictions()
            + " writeNanos=" + writing + " verifyNanos=" + verifying);
    failures.forEach(Throwable::printStackTrace);
  }

  private long twoThreads(IntConsumer work) throws InterruptedException {
    long began = System.nanoTime();
    Thread[] workers = new Thread[2];
    for (int t = 0; t < workers.length; t++) {
      int id = t;
      workers[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      work.accept(id);
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  });
    }
    for (Thread worker : workers) {
      worker.join();
    }
    return System.nanoTime() - began;
  }

  private void write(int id) {
    for (int i = id; i < files.length; i += 2) {
      try (Pin pin = manager.pin(files[i], 0, FIELD, MapMode.READ_WRITE, "sparse", "f" + i)) {
        pin.segment().set(ValueLayout.JAVA_LONG, 0, name(i, 0));
        pin.segment().set(ValueLayout.JAVA_LONG, FIELD - PAGE, name(i, FIELD - PAGE));
      }
    }
  }

  private void verify(int id) {
    SplittableRandom random = new SplittableRandom(id);
    for (int n = 0; n < operations / 2; n++) {
      int i = random.nextInt(files.length / 2) * 2 + id; // what this thread wrote
      long at = random.nextInt(8) == 0 ? 32 * PAGE / 4 : random.nextInt(2) * (FIELD - PAGE);
      MapMode mode = random.nextInt(4) == 0 ? MapMode.READ_WRITE : MapMode.READ_ONLY;
      try (Pin pin = manager.pin(files[i], at, PAGE, mode, "sparse", "f" + i)) {
        long value = pin.segment().get(ValueLayout.JAVA_LONG, 0);
        boolean untouched = at != 0 && at != FIELD - PAGE;
        if (value != (untouched ? 0 : name(i, at))) {
          throw new AssertionError("field " + i + " at " + at + " holds " + value);
        }
      }
    }
  }

  private static long name(int field, long offset) {
    return (field + 1) * FIELD + offset;
  }

  private static long rss() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
      return 0;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
