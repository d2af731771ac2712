package io.nodedb.mem.sample.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  @Test
  void nearestAreThoseThatSortingGives() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<float[]> vectors = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        vectors.add(new float[] {(float) random.nextDouble(), (float) random.nextDouble()});
      }
      float[] query = {0.5f, 0.5f};
      int[] sorted = IntStream.range(0, 30).boxed()
          .sorted(Comparator.comparingDouble(i -> distance(vectors.get(i), query)))
          .limit(10).mapToInt(i -> i).toArray();
      assertThat(Neighbours.nearest(vectors, query, 10)).as("seed %d", seed).isEqualTo(sorted);
    }
  }

  @Test
  void recallIsTheShareOfTrueNeighboursFound() {
    assertThat(Neighbours.recall(new int[] {1, 2, 3, 4}, new int[] {4, 9, 1, 8})).isEqualTo(0.5);
    assertThat(Neighbours.recall(new int[] {1, 2}, new int[] {2, 1})).isEqualTo(1);
    assertThat(Neighbours.recall(new int[] {1, 2}, new int[] {})).isZero();
    assertThat(Neighbours.recall(new int[] {1, 2}, new int[] {1, 1})).isEqualTo(0.5);
  }

  private static double distance(float[] a, float[] b) {
    float x = a[0] - b[0];
    float y = a[1] - b[1];
    return x * x + y * y;
  }
}
