package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The thread's own fields say what the management bean says. */
class ThreadCountersTest {
  private static final int ROUNDS = 20_000;

  private final ThreadCounters bean = new ThreadCounters.BeanCounters();

  private ThreadFields fields() {
    SamplerStatus library = SamplerLibrary.load();
    assumeTrue(library.running(), "no native library: " + library.detail());
    return ThreadFields.find(bean::current).orElseThrow();
  }

  @Test
  void fieldsAgreeWithTheBeanWhileTheThreadAllocates() {
    ThreadFields fields = fields();
    List<byte[]> kept = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      long before = bean.current();
      long here = fields.current();
      long after = bean.current();
      assertThat(here).isBetween(before, after);
      if (i % 64 == 0) {
        kept.clear();
      }
      // Mostly inside the buffer, now and then past it.
      kept.add(new byte[i % 1000 == 0 ? 4 << 20 : i % 512]);
    }
  }

  @Test
  void differenceIsWhatWasAllocatedBetween() {
    ThreadFields fields = fields();
    long worst = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long before = fields.current();
      byte[] array = new byte[1 << 10];
      long after = fields.current();
      // A header of 12 or 16 bytes; a buffer's unused end counts for nothing.
      worst = Math.max(worst, Math.abs(after - before - array.length - 16));
    }
    assertThat(worst).isLessThanOrEqualTo(16);
  }

  @Test
  void virtualThreadHasNone() throws InterruptedException {
    ThreadFields fields = fields();
    AtomicLong read = new AtomicLong();
    Thread.ofVirtual().start(() -> read.set(fields.current())).join();
    assertThat(read.get()).isEqualTo(-1);
  }

  @Test
  void readerThatDisagreesWithTheBeanIsNotUsed() {
    assumeTrue(SamplerLibrary.load().running());
    AtomicLong calls = new AtomicLong();
    assertThat(ThreadFields.find(() -> Long.MAX_VALUE - 1_000 + calls.incrementAndGet())).isEmpty();
    assertThat(ThreadFields.find(() -> -1)).isEmpty();
  }

  @Test
  void jvmWithoutTheFieldHasNoReader() {
    assumeTrue(SamplerLibrary.load().running());
    assertThat(ThreadFields.find(bean::current, "noSuchField")).isEmpty();
  }

  @Test
  void unknownFieldIsNowhere() {
    assumeTrue(SamplerLibrary.load().running());
    assertThat(SamplerLibrary.offsetOf("Thread", "_no_such_field")).isEqualTo(-1);
    assertThat(SamplerLibrary.offsetOf("Nothing", "_tlab")).isEqualTo(-1);
  }
}
