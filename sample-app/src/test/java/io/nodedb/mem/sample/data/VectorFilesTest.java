package io.nodedb.mem.sample.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorFilesTest {
  @TempDir private Path directory;

  @Test
  void fvecsAreReadUpToTheLimit() throws IOException {
    Path file = write("a.fvecs", fvecs(3, 1, 2, 3, 4, 5, 6));
    assertThat(VectorFiles.read(file, 10))
        .usingRecursiveComparison()
        .isEqualTo(List.of(new float[] {1, 2, 3}, new float[] {4, 5, 6}));
    assertThat(VectorFiles.read(file, 1)).hasSize(1);
  }

  @Test
  void idxImagesBecomeVectorsFromZeroToOne() throws IOException {
    Path file = write("t10k-ubyte", idx(0x0803, 2, 2, 1, (byte) 0, (byte) 255, (byte) 51, (byte) 1));
    List<float[]> vectors = VectorFiles.read(file, 10);
    assertThat(vectors).hasSize(2);
    assertThat(vectors.getFirst()).containsExactly(0f, 1f);
    assertThat(vectors.get(1)[0]).isEqualTo(0.2f);
  }

  @Test
  void everyTruncationIsOneClearLine() throws IOException {
    byte[] whole = fvecs(3, 1, 2, 3, 4, 5, 6);
    for (int length = 0; length < whole.length; length++) {
      if (length != whole.length / 2) { // there the first vector ends
        refused(write("cut.fvecs", Arrays.copyOf(whole, length)));
      }
    }
    byte[] images = idx(0x0803, 2, 2, 1, (byte) 0, (byte) 1, (byte) 2, (byte) 3);
    for (int length = 0; length < images.length; length++) {
      refused(write("cut-ubyte", Arrays.copyOf(images, length)));
    }
  }

  @Test
  void impossibleFieldsAreNamedWithTheirValues() throws IOException {
    assertThat(refused(write("a.fvecs", fvecs(-5)))).contains("dimension is -5");
    assertThat(refused(write("b.fvecs", fvecs(0)))).contains("dimension is 0");
    assertThat(refused(write("c.fvecs", fvecs(1 << 30)))).contains("1073741824");
    assertThat(refused(write("d.fvecs", fvecs(1, Float.NaN)))).contains("NaN");
    byte[] mixed = fvecs(2, 1, 2, 3, 4);
    mixed[12] = 7;
    assertThat(refused(write("e.fvecs", mixed))).contains("vector 1 has dimension 7");
    assertThat(refused(write("f-ubyte", idx(0x0d03, 1, 1, 1, (byte) 1)))).contains("00000d03");
    assertThat(refused(write("g-ubyte", idx(0x0803, 0, 2, 2)))).contains("no vector");
    assertThat(refused(write("h-ubyte", idx(0x0803, 1, 1 << 20, 1 << 20)))).contains("dimension");
    assertThat(refused(write("i-ubyte", idx(0x0803, 1, -1, 2)))).contains("dimension is 0");
  }

  @Test
  void noiseNeverEndsInAnythingButOneClearLineOrVectors() throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 500; i++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      if (noise.length > 4 && random.nextBoolean()) {
        noise[0] = noise[1] = noise[2] = 0;
      }
      for (String name : List.of("x.fvecs", "x-ubyte")) {
        Path file = write(name, noise);
        try {
          assertThat(VectorFiles.read(file, 100)).isNotEmpty();
        } catch (BadDataException e) {
          assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        }
      }
    }
  }

  private static String refused(Path file) {
    Throwable[] thrown = new Throwable[1];
    assertThatThrownBy(() -> VectorFiles.read(file, 100))
        .isInstanceOf(BadDataException.class)
        .hasMessageStartingWith(file.toString())
        .satisfies(e -> thrown[0] = e);
    assertThat(thrown[0].getMessage()).contains("expected").doesNotContain("\n");
    return thrown[0].getMessage();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  private static byte[] fvecs(int dimension, float... coordinates) {
    int vectors = dimension < 1 || coordinates.length == 0 ? 1 : coordinates.length / dimension;
    ByteBuffer out = ByteBuffer.allocate(vectors * 4 + coordinates.length * 4)
        .order(ByteOrder.LITTLE_ENDIAN);
    for (int v = 0; v < vectors; v++) {
      out.putInt(dimension);
      for (int i = 0; i < coordinates.length / vectors; i++) {
        out.putFloat(coordinates[v * dimension + i]);
      }
    }
    return out.array();
  }

  private static byte[] idx(int magic, int count, int rows, int columns, byte... pixels) {
    return ByteBuffer.allocate(16 + pixels.length)
        .putInt(magic).putInt(count).putInt(rows).putInt(columns).put(pixels).array();
  }
}
