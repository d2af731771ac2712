package io.nodedb.mem.sample.vector;

import io.nodedb.mem.sample.data.BadDataException;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.data.Embeddings;
import io.nodedb.mem.sample.data.VectorFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Vectors of one dimension under a name.
 *
 * @param name where they come from
 * @param vectors the vectors, at least {@link #LEAST}
 */
record VectorSet(String name, List<float[]> vectors) {
  /** Fewer cannot have ten neighbours each. */
  static final int LEAST = 11;

  private static final int MOST = 20_000;

  int dimension() {
    return vectors.getFirst().length;
  }

  /** One vector for each document. */
  static VectorSet of(Corpus corpus) {
    List<float[]> vectors = new ArrayList<>(corpus.size());
    for (int i = 0; i < corpus.size(); i++) {
      vectors.add(Embeddings.of(corpus.text(i)));
    }
    return new VectorSet("europarl", vectors);
  }

  /** One set for each vector file in a directory; none if there is no directory. */
  static List<VectorSet> in(Path directory) throws IOException {
    List<VectorSet> sets = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(directory, "*{.fvecs,.fvecs.gz,-ubyte,-ubyte.gz}")) {
        for (Path file : files) {
          List<float[]> vectors = VectorFiles.read(file, MOST);
          if (vectors.size() < LEAST) {
            throw new BadDataException(file, "holds " + vectors.size() + " vectors (expected: "
                + LEAST + " or more, recall is counted over ten neighbours)");
          }
          sets.add(new VectorSet(file.getFileName().toString(), vectors));
        }
      }
    }
    return sets;
  }
}
