package io.nodedb.mem.sample.vector;

import java.util.List;

/** The truth that the index is held to: the nearest vectors by looking at all of them. */
final class Neighbours {
  private Neighbours() {}

  /**
   * The k nearest by Euclidean distance, nearest first.
   *
   * @param vectors where to look, at least k
   * @param query what to look for
   * @param k how many
   * @return their positions in {@code vectors}
   */
  static int[] nearest(List<float[]> vectors, float[] query, int k) {
    int[] best = new int[k];
    float[] distance = new float[k];
    int found = 0;
    for (int i = 0; i < vectors.size(); i++) {
      float d = squareDistance(vectors.get(i), query);
      if (found == k && d >= distance[k - 1]) {
        continue;
      }
      int at = found < k ? found++ : k - 1;
      while (at > 0 && distance[at - 1] > d) {
        distance[at] = distance[at - 1];
        best[at] = best[at - 1];
        at--;
      }
      distance[at] = d;
      best[at] = i;
    }
    return best;
  }

  /**
   * How many of the true neighbours an answer holds.
   *
   * @param truth the true ones
   * @param answer the ones found
   * @return a share, 0 to 1
   */
  static double recall(int[] truth, int[] answer) {
    int hits = 0;
    for (int expected : truth) {
      for (int got : answer) {
        if (expected == got) {
          hits++;
          break;
        }
      }
    }
    return truth.length == 0 ? 1 : hits / (double) truth.length;
  }

  private static float squareDistance(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      float d = a[i] - b[i];
      sum += d * d;
    }
    return sum;
  }
}
