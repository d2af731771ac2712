package io.nodedb.mem.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The jar that children run with: as built or, with {@code -Dnodedb.mem.withoutSampler=true}, as a
 * machine without a C compiler builds it. On such a machine all tests run with that one anyway, and
 * those that are asked to are skipped.
 */
final class AgentJar {
  private static final Optional<Path> FILE =
      Boolean.getBoolean("nodedb.mem.withoutSampler") ? stripped() : Optional.of(built());

  private AgentJar() {}

  static Path file() {
    assumeTrue(FILE.isPresent(), "the jar was built without a sampler: the same was tested with it");
    return FILE.get();
  }

  private static Path built() {
    return ChildJvm.ROOT.resolve(
        "agent/target/nodedb-mem-agent-" + System.getProperty("nodedb.mem.version") + ".jar");
  }

  /** None if nothing would be left out. */
  private static Optional<Path> stripped() {
    try {
      Path file = Files.createTempFile("nodedb-mem-agent-without-sampler", ".jar");
      file.toFile().deleteOnExit();
      boolean sampler = false;
      try (ZipFile from = new ZipFile(built().toFile());
          OutputStream out = Files.newOutputStream(file);
          ZipOutputStream to = new ZipOutputStream(out)) {
        for (ZipEntry entry : Collections.list(from.entries())) {
          if (entry.getName().startsWith("native/")) {
            sampler = true;
          } else {
            to.putNextEntry(new ZipEntry(entry.getName()));
            from.getInputStream(entry).transferTo(to);
            to.closeEntry();
          }
        }
      }
      return sampler ? Optional.of(file) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
