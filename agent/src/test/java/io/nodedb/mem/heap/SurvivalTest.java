package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Who makes what survives. */
class SurvivalTest {
  @Property
  void sharesAddUpToWhatSurvived(
      @ForAll
          @Size(min = 1, max = 20)
          List<@Size(4) List<@IntRange(min = 0, max = 1 << 30) Integer>> collections,
      @ForAll @DoubleRange(min = 0, max = 1) double survival) {
    Survival learned = new Survival(4);
    for (List<Integer> each : collections) {
      double[] made = each.stream().mapToDouble(Integer::doubleValue).toArray();
      double all = 0;
      for (double m : made) {
        all += m;
      }
      double[] shares = learned.shares(made, survival * all);
      double sum = 0;
      for (int i = 0; i < made.length; i++) {
        assertThat(shares[i]).isBetween(0.0, 1.0);
        sum += shares[i] * made[i];
      }
      assertThat(sum).isCloseTo(survival * all, within(1 + all / 1e6));
    }
  }

  @Test
  void atFirstNobodyKeepsAQuarterAndTheEnginesTheRest() {
    // Garbage beside a JVM that starts.
    double[] little = new Survival(2).shares(new double[] {32e6, 18e6}, 3e6);
    assertThat(little[0]).isZero();
    assertThat(little[1]).isCloseTo(3.0 / 18, within(1e-6));
    // One engine that keeps nearly all, another without a byte.
    double[] much = new Survival(3).shares(new double[] {66e6, 0, 18e6}, 58e6);
    assertThat(much[0]).isCloseTo(53.5 / 66, within(1e-6));
    assertThat(much[2]).isCloseTo(0.25, within(1e-6));
    double[] more = new Survival(2).shares(new double[] {10e6, 40e6}, 35e6);
    assertThat(more).containsExactly(new double[] {1, 25.0 / 40}, within(1e-6));
  }

  @Test
  void learnsWhoKeepsAndWhoDrops() {
    SplittableRandom random = new SplittableRandom(1);
    Survival learned = new Survival(3);
    double[] shares = {};
    for (int i = 0; i < 100; i++) {
      double[] made = {random.nextInt(100), random.nextInt(100), random.nextInt(30)};
      shares = learned.shares(made, 0.8 * made[0] + 0.1 * made[2]);
    }
    assertThat(shares[0]).isBetween(0.7, 0.9);
    assertThat(shares[1]).isLessThan(0.1);
  }

  @Test
  void learnsAnewWhenTheyChange() {
    SplittableRandom random = new SplittableRandom(2);
    Survival learned = new Survival(2);
    double[] shares = {};
    for (int i = 0; i < 200; i++) {
      double[] made = {1 + random.nextInt(100), 1 + random.nextInt(100)};
      shares = learned.shares(made, made[i < 100 ? 0 : 1]);
    }
    assertThat(shares[0]).isLessThan(0.1);
    assertThat(shares[1]).isGreaterThan(0.9);
  }
}
