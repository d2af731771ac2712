package io.nodedb.mem.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.UnresolvedSubstitution;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Finds and reads {@code nodedb-mem.conf}: named by the agent argument {@code config}, else by the
 * variable {@code NODEDB_MEM_CONFIG}, else by the system property {@code nodedb.mem.config}; else
 * the one in the working directory, if there is one.
 *
 * @param path where it is
 * @param name the path as it was given
 * @param namedBy who gave it
 */
record ConfigFile(Path path, String name, String namedBy) {
  private static final String KEY = "config";
  private static final String PROPERTY = "nodedb.mem.config";
  private static final String USUAL = "nodedb-mem.conf";
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^}]*}");

  static Optional<ConfigFile> find(
      Arguments arguments, Map<String, String> env, Properties properties) {
    var directory = Path.of(properties.getProperty("user.dir", ""));
    if (arguments.file().isPresent()) {
      return Optional.of(named(directory, arguments.file().get(), Arguments.PLACE));
    }
    var variable = env.get(Environment.FILE);
    if (variable != null) {
      return Optional.of(named(directory, variable, "environment variable " + Environment.FILE));
    }
    var property = properties.getProperty(PROPERTY);
    if (property != null) {
      return Optional.of(named(directory, property, "system property " + PROPERTY));
    }
    var usual = directory.resolve(USUAL);
    return Files.exists(usual)
        ? Optional.of(new ConfigFile(usual, USUAL, "working directory"))
        : Optional.empty();
  }

  private static ConfigFile named(Path directory, String name, String namedBy) {
    if (name.isBlank()) {
      throw ConfigException.of(
          namedBy, KEY, "", "no file is named", "name an existing file, or leave it out");
    }
    try {
      return new ConfigFile(directory.resolve(name), name, namedBy);
    } catch (InvalidPathException e) {
      throw ConfigException.of(
          namedBy, KEY, name, "not a path", "name an existing file, or leave it out", e);
    }
  }

  /** Reads it. References are still open. */
  Config parse() {
    if (!Files.exists(path)) {
      throw bad("there is no such file", null);
    }
    if (Files.isDirectory(path)) {
      throw bad("it is a directory, not a file", null);
    }
    if (!Files.isReadable(path)) {
      throw bad("the file cannot be read", null);
    }
    var options =
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setAllowMissing(false)
            .setOriginDescription(name)
            .setIncluder(new Includes(name));
    try {
      return ConfigFactory.parseFile(path.toFile(), options);
    } catch (com.typesafe.config.ConfigException.IO e) {
      throw bad("the file cannot be read (" + reason(e) + ")", e);
    } catch (com.typesafe.config.ConfigException e) {
      throw ConfigException.of(
          e.origin() == null ? name : Places.of(e.origin()), "syntax", null, reason(e),
          "correct the line, a value with special characters needs double quotes", e);
    }
  }

  private ConfigException bad(String problem, Throwable cause) {
    return ConfigException.of(
        namedBy, KEY, name, problem, "name a readable HOCON file, or leave it out", cause);
  }

  private static String reason(com.typesafe.config.ConfigException e) {
    var message = String.valueOf(e.getMessage());
    var origin = e.origin() == null ? "" : e.origin().description() + ": ";
    return message.startsWith(origin) ? message.substring(origin.length()) : message;
  }

  /** Closes the references of a tree: over the tree itself, system properties and environment. */
  static Config resolve(Config tree, Map<String, String> env, Properties properties) {
    if (tree.isResolved()) {
      return tree;
    }
    var source =
        tree.withFallback(ConfigFactory.parseProperties(properties))
            .withFallback(ConfigValueFactory.fromMap(env, "environment"));
    try {
      return tree.resolveWith(source, ConfigResolveOptions.noSystem());
    } catch (UnresolvedSubstitution e) {
      var reference = REFERENCE.matcher(String.valueOf(e.getMessage()));
      throw ConfigException.of(
          Places.of(e.origin()), "substitution", reference.find() ? reference.group() : null,
          "stands for nothing, or for itself",
          "set it here, as a system property or in the environment, or write ${?...}", e);
    } catch (com.typesafe.config.ConfigException e) {
      throw ConfigException.of(
          Places.of(e.origin()), "substitution", null, reason(e), "correct the reference", e);
    }
  }
}
