package io.nodedb.mem.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory limit of this process's control group, version 1 or 2. A group is bound by its parents
 * too, so the smallest limit on the way up to the mount counts. Inside a container the group's path
 * is often one of the host's, which isn't there; the way up then ends at the container's own group.
 */
final class CgroupLimit {
  /** Version 1 has no word for "none": it shows a number near 2^63. */
  private static final long AS_GOOD_AS_NONE = 1L << 60;

  private final Path root;

  CgroupLimit(Path root) {
    this.root = root;
  }

  /** The limit in bytes; empty if there is none or no control groups. */
  OptionalLong find() {
    var least = Long.MAX_VALUE;
    try {
      // Each line is hierarchy:controllers:path; version 2 has no controllers.
      for (var line : Files.readAllLines(root.resolve("proc/self/cgroup"))) {
        var parts = line.split(":", 3);
        if (parts.length == 3) {
          least = Math.min(least, limit(parts[1], parts[2]));
        }
      }
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    return least < AS_GOOD_AS_NONE ? OptionalLong.of(least) : OptionalLong.empty();
  }

  private long limit(String controllers, String group) {
    var mounts = root.resolve("sys/fs/cgroup");
    if (controllers.isEmpty()) {
      return Math.min(
          least(mounts, group, "memory.max"),
          least(mounts.resolve("unified"), group, "memory.max"));
    }
    return ("," + controllers + ",").contains(",memory,")
        ? least(mounts.resolve("memory"), group, "memory.limit_in_bytes")
        : Long.MAX_VALUE;
  }

  private static long least(Path mount, String group, String file) {
    var least = Long.MAX_VALUE;
    // A group outside this namespace shows as /../x: what is above the mount is not ours to read.
    var at = mount.resolve(group.replaceAll("^/+", "")).normalize();
    if (!at.startsWith(mount)) {
      at = mount;
    }
    for (; at.startsWith(mount); at = at.getParent()) {
      least = Math.min(least, read(at.resolve(file)));
    }
    return least;
  }

  private static long read(Path file) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      // Not there, or "max".
      return Long.MAX_VALUE;
    }
  }
}
