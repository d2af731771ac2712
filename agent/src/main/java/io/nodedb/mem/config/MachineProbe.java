package io.nodedb.mem.config;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads what Linux tells about memory from files below a root. Elsewhere, or where a file is
 * missing, the JVM's own knowledge stands in.
 */
final class MachineProbe {
  private static final long USUAL_PAGE = 4096;
  /** The tag of the page size in the auxiliary vector, see getauxval(3). */
  private static final long AT_PAGESZ = 6;

  private final Path root;

  MachineProbe(Path root) {
    this.root = root;
  }

  static MachineProbe onThisMachine() {
    return new MachineProbe(Path.of("/"));
  }

  Machine probe() {
    return new Machine(
        Runtime.getRuntime().maxMemory(),
        physicalMemory(),
        new CgroupLimit(root).find(),
        pageSize(),
        Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** The management bean is asked only as a last resort: loading it costs start-up time. */
  long physicalMemory() {
    try {
      for (var line : Files.readAllLines(root.resolve("proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          return Sizes.parse(line.substring("MemTotal:".length()).replace("kB", "KiB"));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      return fromManagement();
    }
    return fromManagement();
  }

  private static long fromManagement() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean bean
        ? bean.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  /** The auxiliary vector is pairs of native words; the agent's platforms are all 64-bit. */
  long pageSize() {
    try {
      var words =
          ByteBuffer.wrap(Files.readAllBytes(root.resolve("proc/self/auxv")))
              .order(ByteOrder.nativeOrder())
              .asLongBuffer();
      while (words.remaining() >= 2) {
        var tag = words.get();
        var value = words.get();
        if (tag == AT_PAGESZ && Long.bitCount(value) == 1) {
          return value;
        }
      }
      return USUAL_PAGE;
    } catch (IOException e) {
      return USUAL_PAGE;
    }
  }
}
