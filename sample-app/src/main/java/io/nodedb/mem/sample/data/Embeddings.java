package io.nodedb.mem.sample.data;

import java.util.SplittableRandom;

/**
 * Vectors for texts without a model: feature hashing. Each word, and each word with its
 * predecessor, adds its sign to the coordinate its hash names; the result has length 1, so that
 * texts that share words lie close. The same text gives the same vector in every run.
 */
public final class Embeddings {
  /** Coordinates of a vector. */
  public static final int DIMENSION = 128;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Embeddings() {}

  /**
   * The vector of a text.
   *
   * @param text any text; one without a letter gives the first unit vector
   * @return {@link #DIMENSION} coordinates, of length 1
   */
  public static float[] of(String text) {
    float[] vector = new float[DIMENSION];
    long word = FNV_OFFSET;
    long previous = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i < text.length() && Character.isLetter(text.charAt(i))) {
        word = (word ^ Character.toLowerCase(text.charAt(i))) * FNV_PRIME;
      } else if (word != FNV_OFFSET) {
        add(vector, word, 1f);
        add(vector, word * 31 + previous, 0.5f);
        previous = word;
        word = FNV_OFFSET;
      }
    }
    return normalize(vector);
  }

  /**
   * A vector near another one.
   *
   * @param vector the other one, of length 1
   * @param spread how far: the length of what is added, 0 for not at all
   * @param random chooses the direction
   * @return a new vector of length 1
   */
  public static float[] near(float[] vector, double spread, SplittableRandom random) {
    float[] result = new float[vector.length];
    double scale = spread / Math.sqrt(vector.length);
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (vector[i] + scale * random.nextGaussian());
    }
    return normalize(result);
  }

  private static void add(float[] vector, long hash, float weight) {
    long mixed = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    mixed ^= mixed >>> 33;
    vector[(int) (mixed & DIMENSION - 1)] += mixed < 0 ? -weight : weight;
  }

  private static float[] normalize(float[] vector) {
    double sum = 0;
    for (float x : vector) {
      sum += (double) x * x;
    }
    if (sum == 0) {
      vector[0] = 1;
      return vector;
    }
    float factor = (float) (1 / Math.sqrt(sum));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
    return vector;
  }
}
