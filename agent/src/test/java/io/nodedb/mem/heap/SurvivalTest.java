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
  void whatSurvivesAtFirstIsNobodysAsFarAsItGoes() {
    double[] little = new Survival(2).shares(new double[] {32e6, 8e6}, 5e6);
    assertThat(little[0]).isLessThan(1e-5);
    double[] much = new Survival(2).shares(new double[] {32e6, 8e6}, 36e6);
    assertThat(much[0]).isCloseTo(28.0 / 32, within(1e-3));
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
