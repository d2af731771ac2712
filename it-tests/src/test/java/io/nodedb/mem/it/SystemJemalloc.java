package io.nodedb.mem.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The jemalloc installed on this system. */
final class SystemJemalloc {
  private SystemJemalloc() {}

  /** Its path, empty if there is none. */
  static Optional<String> find() {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", "PATH=$PATH:/sbin:/usr/sbin ldconfig -p")
              .redirectErrorStream(true)
              .start();
      String libraries =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return libraries
          .lines()
          .filter(line -> line.contains("libjemalloc.so.2") && line.contains("=> "))
          .map(line -> line.substring(line.indexOf("=> ") + 3).strip())
          .filter(path -> Files.exists(Path.of(path)))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
