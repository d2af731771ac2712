package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nodedb.mem.hook.TestScope;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.StackTrace;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events for samples, of which some are taken while the thread writes another event. */
class SampleFramesTest {
  private static final int EVENTS = 20_000;

  private final CountingAccount account = new CountingAccount("query");
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger outside = new AtomicInteger();

  @Name("test.Outer")
  @StackTrace(false)
  static class Outer extends Event {
    String text;
    long number;
  }

  @Name("test.Sample")
  @StackTrace(false)
  static class Sample extends Event {
    String engine;
    long weight;
  }

  @Test
  void recordingStaysReadable(@TempDir Path dir) throws Exception {
    SamplerStatus status = SamplerLibrary.load();
    assumeTrue(status.running(), status.detail());
    Path file = dir.resolve("recording.jfr");
    try (Recording recording = new Recording();
        SampleLedger ledger = new SampleLedger(List.of(account), 1 << 20)) {
      recording.start();
      ledger.listener(this::emit);
      emit("query", Object.class, 0);
      Thread thread = new Thread(() -> TestScope.run(0, SampleFramesTest::writeOuterEvents));
      assertThat(Sampler.start(ledger, SamplingInterval.EVERY_ALLOCATION).running()).isTrue();
      thread.start();
      thread.join();
      Sampler.stop();
      recording.stop();
      recording.dump(file);
    }
    assertThat(inside).hasPositiveValue();
    long outer = 0;
    long samples = 0;
    try (RecordingFile recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        var event = recording.readEvent();
        if (event.getEventType().getName().equals("test.Outer")) {
          assertThat(event.getString("text")).endsWith("-" + event.getLong("number"));
          outer++;
        } else if (event.getEventType().getName().equals("test.Sample")) {
          assertThat(event.getString("engine")).isEqualTo("query");
          samples++;
        }
      }
    }
    assertThat(outer).isEqualTo(EVENTS);
    assertThat(samples).isEqualTo(outside.get());
  }

  private void emit(String engine, Class<?> type, long weight) {
    if (SampleFrames.insideRecorder()) {
      inside.incrementAndGet();
      return;
    }
    outside.incrementAndGet();
    Sample event = new Sample();
    event.engine = engine;
    event.weight = weight;
    event.commit();
  }

  private static void writeOuterEvents() {
    for (int i = 0; i < EVENTS; i++) {
      Outer event = new Outer();
      event.number = i / 4;
      event.text = "a text long and frequent enough for the pool of strings-" + i / 4;
      event.commit();
    }
  }
}
