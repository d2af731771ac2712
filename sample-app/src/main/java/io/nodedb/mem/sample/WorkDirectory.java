package io.nodedb.mem.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for the engines' files that is empty at first and gone at the end. */
final class WorkDirectory implements AutoCloseable {
  private final Path path;

  /** Empties and makes the directory: a run that was killed leaves its files behind. */
  WorkDirectory(Path path) throws IOException {
    this.path = path;
    close();
    Files.createDirectories(path);
  }

  Path make(String name) throws IOException {
    return Files.createDirectories(path.resolve(name));
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(path)) {
      List<Path> all;
      try (Stream<Path> walk = Files.walk(path)) {
        all = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : all) {
        Files.delete(each);
      }
    }
  }
}
