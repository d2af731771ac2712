package io.nodedb.mem.resident;

import io.nodedb.mem.config.CgroupLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What this process's control group says of memory, version 1 or 2. Thread-safe; figures are read at
 * each call, as limits may change while the process runs. Where there is no group they are empty.
 *
 * <p>The group's usage counts the files it has read, which the kernel drops before it kills anybody.
 * So what is shown is usage less those; memory of tmpfs stays in, as the kernel cannot drop that.
 */
public final class ControlGroup {
  private final Path root;
  private final CgroupLimit limit;
  private final List<Path> groups;

  /** The group of this process. */
  public ControlGroup() {
    this(Path.of("/"));
  }

  /**
   * A group described below another root.
   *
   * @param root of the file system
   */
  ControlGroup(Path root) {
    this.root = root;
    this.limit = new CgroupLimit(root);
    this.groups = limit.groups();
  }

  /**
   * The limit: the smallest on the way up from the group.
   *
   * @return bytes, or empty if there is none
   */
  public OptionalLong limit() {
    return limit.find();
  }

  /**
   * What the nearest group holds and the kernel cannot just drop.
   *
   * @return bytes, or empty if that is not told
   */
  public OptionalLong held() {
    for (Path group : groups) {
      OptionalLong usage = number(group.resolve("memory.usage_in_bytes"));
      if (usage.isPresent()) {
        return less(usage, group, "total_inactive_file ", "total_active_file ");
      }
      usage = number(group.resolve("memory.current"));
      if (usage.isPresent()) {
        return less(usage, group, "inactive_file ", "active_file ");
      }
    }
    return OptionalLong.empty();
  }

  /**
   * The share of the last ten seconds in which some task stood still for want of memory (PSI), of the
   * nearest group or else of the system.
   *
   * @return percent, or empty where the kernel does not tell
   */
  public OptionalDouble stalled() {
    for (Path group : groups) {
      OptionalDouble own = some(group.resolve("memory.pressure"));
      if (own.isPresent()) {
        return own;
      }
    }
    return some(root.resolve("proc/pressure/memory"));
  }

  private static OptionalLong less(OptionalLong usage, Path group, String... keys) {
    long left = usage.getAsLong();
    try {
      for (String line : Files.readAllLines(group.resolve("memory.stat"))) {
        for (String key : keys) {
          if (line.startsWith(key)) {
            left -= Long.parseLong(line.substring(key.length()).strip());
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Math.max(0, left));
  }

  private static OptionalLong number(Path file) {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The line is {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}. */
  private static OptionalDouble some(Path file) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("some avg10=")) {
          String rest = line.substring("some avg10=".length());
          return OptionalDouble.of(Double.parseDouble(rest.split(" ", 2)[0]));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.empty();
  }
}
