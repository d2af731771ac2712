package io.nodedb.mem.config;

import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What defaults and percentages are computed from.
 *
 * @param maxHeap bytes, the JVM's {@code -Xmx}
 * @param physicalMemory bytes of RAM
 * @param cgroupLimit bytes that the control group allows, if it sets a bound
 * @param pageSize bytes of a memory page
 * @param tmpDir the directory for temporary files
 */
public record Machine(
    long maxHeap, long physicalMemory, OptionalLong cgroupLimit, long pageSize, Path tmpDir) {

  /**
   * Looks at this machine and this JVM.
   *
   * @return what there is
   */
  public static Machine detect() {
    return MachineProbe.onThisMachine().probe();
  }

  /**
   * Bytes that this process can have at most.
   *
   * @return the smaller of the control group's limit and the physical memory
   */
  public long memory() {
    return Math.min(cgroupLimit.orElse(Long.MAX_VALUE), physicalMemory);
  }
}
