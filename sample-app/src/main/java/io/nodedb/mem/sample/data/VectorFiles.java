package io.nodedb.mem.sample.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads the two file formats that vectors come in.
 *
 * <pre>
 * .fvecs, little-endian            IDX, big-endian
 *   repeated:                        u8 0, u8 0, u8 type (8: bytes), u8 dimensions (2 or more)
 *     int32   dimension              int32 count, then one int32 per further dimension
 *     float32 coordinate, repeated   u8 coordinate, repeated
 * </pre>
 *
 * <p>Whatever is wrong with a file ends in a {@link BadDataException} of one line.
 */
public final class VectorFiles {
  private static final int MAX_DIMENSION = 1024;
  private static final int IDX_BYTES = 8;

  private VectorFiles() {}

  /**
   * Reads a file in the format that its name tells: {@code *.fvecs}, otherwise IDX; either may be
   * compressed ({@code *.gz}).
   *
   * @param file the file
   * @param limit how many vectors at most
   * @return the vectors, one or more, all of one dimension
   * @throws BadDataException if the file is not in its format
   * @throws IOException if it cannot be read
   */
  public static List<float[]> read(Path file, int limit) throws IOException {
    String name = file.getFileName().toString();
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      boolean zipped = name.endsWith(".gz");
      DataInputStream in = new DataInputStream(zipped ? new GZIPInputStream(raw) : raw);
      return name.contains(".fvecs") ? readFvecs(in, file, limit) : readIdx(in, file, limit);
    } catch (EOFException e) {
      throw new BadDataException(file, "ends in the middle of a vector (expected: whole vectors)");
    }
  }

  private static List<float[]> readFvecs(DataInputStream in, Path file, int limit)
      throws IOException {
    List<float[]> vectors = new ArrayList<>();
    int dimension = 0;
    byte[] head = new byte[Integer.BYTES];
    while (vectors.size() < limit) {
      int got = in.readNBytes(head, 0, head.length);
      if (got == 0) {
        break;
      }
      if (got < head.length) {
        throw new EOFException();
      }
      int found = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (vectors.isEmpty()) {
        dimension = checkDimension(found, file);
      } else if (found != dimension) {
        throw new BadDataException(file, "vector " + vectors.size() + " has dimension " + found
            + " (expected: " + dimension + " as the first)");
      }
      vectors.add(floats(in, dimension, file, vectors.size()));
    }
    return notEmpty(vectors, file);
  }

  private static float[] floats(DataInputStream in, int dimension, Path file, int index)
      throws IOException {
    byte[] bytes = new byte[dimension * Float.BYTES];
    in.readFully(bytes);
    float[] vector = new float[dimension];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
    for (float x : vector) {
      if (!Float.isFinite(x)) {
        throw new BadDataException(file, "vector " + index + " holds " + x
            + " (expected: finite numbers)");
      }
    }
    return vector;
  }

  private static List<float[]> readIdx(DataInputStream in, Path file, int limit)
      throws IOException {
    int magic = in.readInt();
    int dimensions = magic & 0xff;
    if (magic >>> 16 != 0 || (magic >>> 8 & 0xff) != IDX_BYTES || dimensions < 2) {
      throw new BadDataException(file, String.format(
          "starts with %08x (expected: 00000802 or 00000803, an IDX file of bytes)", magic));
    }
    int count = in.readInt();
    long dimension = 1;
    for (int i = 1; i < dimensions && dimension <= MAX_DIMENSION; i++) {
      dimension *= Math.max(0, in.readInt());
    }
    checkDimension(dimension, file);
    List<float[]> vectors = new ArrayList<>();
    byte[] bytes = new byte[(int) dimension];
    for (int i = 0; i < Math.min(count, limit); i++) {
      in.readFully(bytes);
      float[] vector = new float[bytes.length];
      for (int k = 0; k < bytes.length; k++) {
        vector[k] = (bytes[k] & 0xff) / 255f;
      }
      vectors.add(vector);
    }
    return notEmpty(vectors, file);
  }

  private static int checkDimension(long dimension, Path file) throws BadDataException {
    if (dimension < 1 || dimension > MAX_DIMENSION) {
      throw new BadDataException(file, "the dimension is " + dimension + " (expected: 1 to "
          + MAX_DIMENSION + ", what the vector index takes)");
    }
    return (int) dimension;
  }

  private static List<float[]> notEmpty(List<float[]> vectors, Path file)
      throws BadDataException {
    if (vectors.isEmpty()) {
      throw new BadDataException(file, "holds no vector (expected: one or more)");
    }
    return vectors;
  }
}
