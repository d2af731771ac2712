package io.nodedb.mem.it;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The jar that children run with: as built or, with {@code -Dnodedb.mem.withoutSampler=true}, as a
 * machine without a C compiler builds it.
 */
final class AgentJar {
  static final Path FILE = Boolean.getBoolean("nodedb.mem.withoutSampler") ? stripped() : built();

  private AgentJar() {}

  private static Path built() {
    return ChildJvm.ROOT.resolve(
        "agent/target/nodedb-mem-agent-" + System.getProperty("nodedb.mem.version") + ".jar");
  }

  private static Path stripped() {
    try {
      Path file = Files.createTempFile("nodedb-mem-agent-without-sampler", ".jar");
      file.toFile().deleteOnExit();
      try (ZipFile from = new ZipFile(built().toFile());
          OutputStream out = Files.newOutputStream(file);
          ZipOutputStream to = new ZipOutputStream(out)) {
        for (ZipEntry entry : Collections.list(from.entries())) {
          if (!entry.getName().startsWith("native/")) {
            to.putNextEntry(new ZipEntry(entry.getName()));
            from.getInputStream(entry).transferTo(to);
            to.closeEntry();
          }
        }
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
