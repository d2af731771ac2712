package io.nodedb.mem.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory limit of this process's control group, version 1 or 2. A group is bound by its parents
 * too, so the smallest limit on the way up to the mount counts. Inside a container the group's path
 * is often one of the host's, which isn't there; the way up then ends at the container's own group.
 * Immutable: which group it is, is found out once; limits are read anew at each call.
 */
public final class CgroupLimit {
  /** Version 1 has no word for "none": it shows a number near 2^63. */
  private static final long AS_GOOD_AS_NONE = 1L << 60;

  private static final String V1_LIMIT = "memory.limit_in_bytes";
  private static final String V2_LIMIT = "memory.max";

  private final List<Path> groups;
  private final List<Path> files = new ArrayList<>();

  /**
   * Finds the groups.
   *
   * @param root of the file system, {@code /} but in tests
   */
  public CgroupLimit(Path root) {
    groups = find(root);
    for (var group : groups) {
      files.add(group.resolve(V1_LIMIT));
      files.add(group.resolve(V2_LIMIT));
    }
  }

  /**
   * The limit.
   *
   * @return bytes; empty if there is none or no control groups
   */
  public OptionalLong find() {
    var least = Long.MAX_VALUE;
    for (var file : files) {
      least = Math.min(least, read(file));
    }
    return least < AS_GOOD_AS_NONE ? OptionalLong.of(least) : OptionalLong.empty();
  }

  /**
   * The directories of the groups that bound this process's memory, each before its parent.
   *
   * @return those that are there
   */
  public List<Path> groups() {
    return groups;
  }

  private static List<Path> find(Path root) {
    var groups = new ArrayList<Path>();
    var mounts = root.resolve("sys/fs/cgroup");
    try {
      // Each line is hierarchy:controllers:path; version 2 has no controllers.
      for (var line : Files.readAllLines(root.resolve("proc/self/cgroup"))) {
        var parts = line.split(":", 3);
        if (parts.length < 3) {
          continue;
        }
        if (parts[1].isEmpty()) {
          up(mounts, parts[2], V2_LIMIT, groups);
          up(mounts.resolve("unified"), parts[2], V2_LIMIT, groups);
        } else if (("," + parts[1] + ",").contains(",memory,")) {
          up(mounts.resolve("memory"), parts[2], V1_LIMIT, groups);
        }
      }
    } catch (IOException e) {
      return List.of();
    }
    return List.copyOf(groups);
  }

  private static void up(Path mount, String group, String file, List<Path> to) {
    // A group outside this namespace shows as /../x: what is above the mount is not ours to read.
    var at = mount.resolve(group.replaceAll("^/+", "")).normalize();
    if (!at.startsWith(mount)) {
      at = mount;
    }
    for (; at.startsWith(mount); at = at.getParent()) {
      if (Files.exists(at.resolve(file))) {
        to.add(at);
      }
    }
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
