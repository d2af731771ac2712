package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.Pin;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionalWriterTest {
  private static final long EACH = PositionalWriter.PIECE * 2L + 1000;

  @TempDir Path dir;

  @Test
  void manyThreadsWriteAtTheirPlacesAndWindowsShowIt() throws Exception {
    int threads = 20; // more than pieces there are
    Path file = Files.createFile(dir.resolve("file"));
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (MappingManager manager =
            new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime);
        PositionalWriter writer = PositionalWriter.open(file)) {
      writer.extend(0, threads * EACH);
      List<Thread> started = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        byte mark = (byte) (t + 1);
        long place = t * EACH;
        boolean interrupted = t % 3 == 0;
        started.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        if (interrupted) {
                          Thread.currentThread().interrupt();
                        }
                        writer.write(place, EACH, (at, piece) -> piece.fill(mark));
                        if (interrupted != Thread.currentThread().isInterrupted()) {
                          throw new AssertionError("the interrupt is lost");
                        }
                        try (Pin pin =
                            manager.pin(file, place, EACH, MapMode.READ_ONLY, "query", "f")) {
                          check(pin, mark);
                        }
                      } catch (Throwable e) {
                        failures.add(e);
                      }
                    }));
      }
      for (Thread thread : started) {
        thread.join();
      }
      assertThat(failures).isEmpty();
    }
    assertThat(file).hasSize(threads * EACH);
  }

  private static void check(Pin pin, byte mark) {
    for (long i = 0; i < EACH; i++) {
      if (pin.segment().get(ValueLayout.JAVA_BYTE, i) != mark) {
        throw new AssertionError("byte " + i + " differs");
      }
    }
  }

  @Test
  void growthIsNotTakenForACut() throws Exception {
    int steps = 3_000;
    Path file = Files.createFile(dir.resolve("file"));
    AtomicBoolean stop = new AtomicBoolean();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (PositionalWriter writer = PositionalWriter.open(file)) {
      Thread watcher =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (!stop.get()) {
                        writer.check();
                      }
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  });
      for (long i = 0; i < steps; i++) {
        writer.extend(i * 4096, (i + 1) * 4096);
      }
      stop.set(true);
      watcher.join();
      assertThat(failures).isEmpty();
      Files.write(file, new byte[10]);
      assertThatThrownBy(writer::check)
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("cut from " + steps * 4096L + " to 10 bytes");
    }
  }

  @Test
  void closedWriterRefusesAndFailedSourceKeepsItUsable() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    PositionalWriter writer = PositionalWriter.open(file);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(
              () ->
                  writer.write(
                      0,
                      10,
                      (at, piece) -> {
                        throw new IllegalStateException("no source");
                      }))
          .hasMessage("no source");
    }
    writer.write(0, 10, (at, piece) -> piece.fill((byte) 7));
    writer.close();
    writer.close();
    assertThat(Files.readAllBytes(file)).containsOnly(7).hasSize(10);
    assertThatThrownBy(() -> writer.write(0, 10, (at, piece) -> {}))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> PositionalWriter.open(dir.resolve("none")))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("no such file");
  }
}
