package io.nodedb.mem.overflow;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Temporary directories in memory where there is such a file system: forcing a file costs nothing
 * there. What a test kills is a process, not the machine, so it makes no other difference.
 */
final class MemoryDirectory implements TempDirFactory {
  @Override
  public Path createTempDirectory(
      AnnotatedElementContext elementContext, ExtensionContext extensionContext)
      throws Exception {
    return create();
  }

  static Path create() throws java.io.IOException {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory)
        ? Files.createTempDirectory(memory, "nodedb-mem-test")
        : Files.createTempDirectory("nodedb-mem-test");
  }
}
