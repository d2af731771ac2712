package io.nodedb.mem.benchmarks;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.Pin;
import io.nodedb.mem.mapped.AccountSource;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Pins of a window that is mapped. All threads pin the same window, which is the hard case. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {ReserveBenchmark.AGENT, "--enable-native-access=ALL-UNNAMED"})
@State(Scope.Benchmark)
public class PinBenchmark {
  private static final long SIZE = 128L << 20;

  private Path file;
  private MappingManager manager;

  /** A thread's next offset. */
  @State(Scope.Thread)
  public static class Cursor {
    private long at;

    private long next() {
      at = (at + 4096 * 7) & SIZE - 1;
      return at;
    }
  }

  /** Maps one window of the default size. */
  @Setup
  public void map() throws IOException {
    file = Files.createTempFile("pin-benchmark", ".bin");
    manager = new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime);
    manager.pin(file, 0, SIZE, MapMode.READ_WRITE, "vector", "f").close();
  }

  /** Unmaps and deletes. */
  @TearDown
  public void unmap() throws IOException {
    manager.close();
    Files.delete(file);
  }

  /** Pin and close. */
  @Benchmark
  public long pin(Cursor cursor) {
    try (Pin pin = manager.pin(file, cursor.next(), 64, MapMode.READ_ONLY, "vector", "f")) {
      return pin.segment().byteSize();
    }
  }

  /** Pin, read a word, close. */
  @Benchmark
  public long pinAndRead(Cursor cursor) {
    try (Pin pin = manager.pin(file, cursor.next(), 64, MapMode.READ_ONLY, "vector", "f")) {
      return pin.segment().get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
