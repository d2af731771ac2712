package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The one promise on which all memory safety rests: never closed and pinned at once. */
@Timeout(60)
class PinCountTest {
  @Test
  void closesOnlyWithoutPins() {
    PinCount pins = new PinCount();
    int cell = PinCount.cell();
    assertThat(pins.tryPin(cell)).isTrue();
    assertThat(pins.tryClose()).isFalse();
    assertThat(pins.tryPin(cell)).isTrue();
    pins.unpin(cell);
    pins.unpin(cell);
    assertThat(pins.live()).isZero();
    assertThat(pins.tryClose()).isTrue();
    assertThat(pins.tryPin(cell)).isFalse();
    assertThat(pins.live()).isZero();
    assertThat(pins.drainTotal()).isEqualTo(2);
    assertThat(pins.drainTotal()).isZero();
  }

  @Test
  void holdsKeepItOpenAndAreNotCounted() {
    PinCount pins = new PinCount();
    int cell = PinCount.cell();
    assertThat(pins.tryHold(cell)).isTrue();
    assertThat(pins.tryClose()).isFalse();
    pins.unpin(cell);
    assertThat(pins.drainTotal()).isZero();
    assertThat(pins.tryClose()).isTrue();
    assertThat(pins.tryHold(cell)).isFalse();
  }

  /** Many short lives: each count is raced for until it is closed; a pin must never see the end. */
  @Test
  void noPinIsEverLiveOnAClosedCount() throws InterruptedException {
    record Guarded(PinCount pins, AtomicInteger unmapped) {}

    int generations = 40_000;
    AtomicReference<Guarded> current =
        new AtomicReference<>(new Guarded(new PinCount(), new AtomicInteger()));
    AtomicInteger violations = new AtomicInteger();
    AtomicLong served = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    // More than there are processors would mostly lose theirs with a pin held, which keeps all else waiting.
    for (int t = Math.max(2, Runtime.getRuntime().availableProcessors()); t > 0; t--) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    int cell = PinCount.cell();
                    Guarded guarded = current.get();
                    while (guarded != null) {
                      if (guarded.pins.tryPin(cell)) {
                        for (int i = 0; i < 3; i++) {
                          violations.addAndGet(guarded.unmapped.get());
                        }
                        guarded.pins.unpin(cell);
                        served.incrementAndGet();
                      }
                      guarded = current.get();
                    }
                  }));
    }
    int closed = 0;
    // Until there was enough of both: threads may take longer to start than all generations.
    while (closed < generations || served.get() < generations) {
      Guarded guarded = current.get();
      if (guarded.pins.tryClose()) {
        guarded.unmapped.set(1);
        closed++;
        current.set(new Guarded(new PinCount(), new AtomicInteger()));
      } else {
        Thread.yield();
      }
    }
    current.set(null);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(violations.get()).isZero();
    assertThat(served.get()).isGreaterThanOrEqualTo(generations);
  }
}
