package io.nodedb.mem.sample.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EmbeddingsTest {
  private static final String TEXT = "Resumption of the session, I declare resumed the session.";

  @Test
  void sameTextGivesTheSameVectorInEveryRun() {
    assertThat(Embeddings.of(TEXT)).isEqualTo(Embeddings.of(TEXT));
    // From one run to the next: a word's place and sign are part of the contract.
    float[] word = Embeddings.of("session");
    assertThat(dot(word, Embeddings.of("SESSION!"))).isCloseTo(1, within(1e-6));
  }

  @Test
  void vectorsHaveLengthOne() {
    for (String text : new String[] {TEXT, "", "1 2 3", "α β γ", "word"}) {
      float[] vector = Embeddings.of(text);
      assertThat(vector).hasSize(Embeddings.DIMENSION);
      assertThat(dot(vector, vector)).as(text).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void textsThatShareWordsAreCloserThanTextsThatDoNot() {
    float[] text = Embeddings.of(TEXT);
    float[] similar = Embeddings.of("I declare the session of Parliament resumed.");
    float[] other = Embeddings.of("Fischerei und Landwirtschaft in den Regionen Europas");
    assertThat(dot(text, similar)).isGreaterThan(dot(text, other) + 0.3);
  }

  @Test
  void nearnessIsWhatWasAskedFor() {
    float[] text = Embeddings.of(TEXT);
    float[] near = Embeddings.near(text, 0.3, new SplittableRandom(1));
    assertThat(dot(near, near)).isCloseTo(1, within(1e-5));
    assertThat(dot(text, near)).isBetween(0.9, 0.99);
    assertThat(dot(text, Embeddings.near(text, 0, new SplittableRandom(1))))
        .isCloseTo(1, within(1e-5));
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
