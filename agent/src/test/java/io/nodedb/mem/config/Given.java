package io.nodedb.mem.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;

/** A configuration in the making: file, environment and arguments of an imagined process. */
final class Given {
  static final long GIB = 1L << 30;
  static final long MIB = 1L << 20;

  private final Path directory;
  private final Map<String, String> env = new HashMap<>();
  private final Properties properties = new Properties();
  private String arguments;
  private long page = 4096;

  Given(Path directory) {
    this.directory = directory;
    properties.setProperty("user.dir", directory.toString());
  }

  Given file(String text) {
    return file("nodedb-mem.conf", text);
  }

  Given file(String name, String text) {
    try {
      Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Given env(String name, String value) {
    env.put(name, value);
    return this;
  }

  Given property(String name, String value) {
    properties.setProperty(name, value);
    return this;
  }

  Given arguments(String text) {
    arguments = text;
    return this;
  }

  Given page(long bytes) {
    page = bytes;
    return this;
  }

  /** On a machine of 10 GiB in a group of 4 GiB with -Xmx2g. */
  Settings load() {
    var machine =
        new Machine(2 * GIB, 10 * GIB, OptionalLong.of(4 * GIB), page, directory.resolve("tmp"));
    return Settings.load(arguments, env, properties, machine);
  }
}
