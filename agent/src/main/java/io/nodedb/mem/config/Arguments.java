package io.nodedb.mem.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text behind the agent jar's {@code =}: {@code key=value,key=value}. Neither keys nor values
 * can hold a comma; what needs one goes into the file.
 */
final class Arguments {
  static final String PLACE = "agent argument";

  private static final String FILE = "config";
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

  private final Map<String, String> values = new LinkedHashMap<>();

  Arguments(String text) {
    if (text == null || text.isBlank()) {
      return;
    }
    for (var argument : text.split(",", -1)) {
      add(argument.strip());
    }
  }

  private void add(String argument) {
    var equals = argument.indexOf('=');
    if (equals < 0) {
      throw ConfigException.of(
          PLACE, argument.isEmpty() ? "(nothing)" : argument, null,
          "there is no '=' in it",
          "write key=value,key=value, such as ceiling=2GiB,engines.query.limit=512MiB");
    }
    var key = argument.substring(0, equals).strip();
    var value = argument.substring(equals + 1).strip();
    if (!KEY.matcher(key).matches()) {
      throw ConfigException.of(
          PLACE, key.isEmpty() ? "(no key)" : key, value,
          "not a key",
          "write names with dots between them, such as engines.query.limit");
    }
    if (values.putIfAbsent(key, value) != null) {
      throw ConfigException.of(PLACE, key, value, "given twice", "leave one of them out");
    }
  }

  /** The configuration file named here. */
  Optional<String> file() {
    return Optional.ofNullable(values.get(FILE));
  }

  Config layer() {
    var layer = ConfigFactory.empty();
    for (var entry : values.entrySet()) {
      if (!entry.getKey().equals(FILE)) {
        layer =
            layer.withValue(
                ConfigUtil.joinPath(entry.getKey().split("\\.")),
                ConfigValueFactory.fromAnyRef(entry.getValue(), PLACE));
      }
    }
    return layer;
  }
}
