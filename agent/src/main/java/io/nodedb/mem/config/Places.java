package io.nodedb.mem.config;

import com.typesafe.config.ConfigOrigin;
import java.util.regex.Pattern;

/** How a place in the configuration is written: {@code nodedb-mem.conf:12}. */
final class Places {
  private static final Pattern LINE = Pattern.compile("(.*): (\\d+)(?:-\\d+)?");

  private Places() {}

  static String of(ConfigOrigin origin) {
    if (origin == null) {
      return "configuration";
    }
    var line = LINE.matcher(origin.description());
    return line.matches() ? line.group(1) + ":" + line.group(2) : origin.description();
  }
}
