package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleWeightTest {
  @ParameterizedTest
  @CsvSource({
    "16, 4096", "24, 524288", "1000, 4096", "4096, 4096", "9000, 4096", "65536, 65536", "100, 1",
    "10000000, 524288", "1, 2147483647"
  })
  void expectedWeightOfAnObjectIsItsSize(long size, int interval) {
    double sampled = 1 - Math.exp(-(double) size / interval);
    // The check's own arithmetic loses digits where sampled is tiny; the weight does not.
    assertThat(SampleWeight.of(size, interval) * sampled).isCloseTo(size, within(size * 1e-6));
  }

  @Test
  void streamOfMixedSizesIsEstimatedWithoutBias() {
    int interval = 64 << 10;
    Random random = new Random(1);
    double truth = 0;
    double estimate = 0;
    double untilSample = next(random, interval);
    while (truth < 4e9) {
      long size = 16 + (long) Math.exp(random.nextDouble() * 14);
      truth += size;
      untilSample -= size;
      if (untilSample <= 0) {
        long weight = SampleWeight.round(SampleWeight.of(size, interval), random.nextLong());
        estimate += weight;
        untilSample = next(random, interval);
      }
    }
    double sigma = Math.sqrt(interval / truth);
    assertThat(estimate / truth).isCloseTo(1, within(4 * sigma));
  }

  @Test
  void withoutAnIntervalTheWeightIsTheSize() {
    assertThat(SampleWeight.of(12344, 0)).isEqualTo(12344);
    assertThat(SampleWeight.round(SampleWeight.of(12344, 0), -1)).isEqualTo(12344);
  }

  @Test
  void roundingKeepsTheMean() {
    long sum = 0;
    int n = 1_000_000;
    for (int i = 0; i < n; i++) {
      sum += SampleWeight.round(10.3, SampleWeight.mix(i * 0x9e3779b97f4a7c15L));
    }
    assertThat((double) sum / n).isCloseTo(10.3, within(0.003));
  }

  @Test
  void automaticIntervalIsATenTwentyFourthOfTheSmallestLimitWithinBounds() {
    assertThat(SamplingInterval.auto(64L << 20)).isEqualTo(16 << 10);
    assertThat(SamplingInterval.auto(1 << 20)).isEqualTo(4 << 10);
    assertThat(SamplingInterval.auto(Long.MAX_VALUE)).isEqualTo(128 << 10);
  }

  private static double next(Random random, int interval) {
    return -Math.log(1 - random.nextDouble()) * interval;
  }
}
