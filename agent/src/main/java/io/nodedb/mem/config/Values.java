package io.nodedb.mem.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Optional;
import java.util.function.Function;

/** Typed access to a tree of settings whose keys are all known. */
final class Values {
  private final ConfigObject root;
  private final String prefix;

  /**
   * Makes one.
   *
   * @param prefix the full name of the tree's root in messages, with a dot at its end, or empty
   */
  Values(ConfigObject root, String prefix) {
    this.root = root;
    this.prefix = prefix;
  }

  Optional<ConfigValue> find(String key) {
    ConfigValue at = root;
    for (var part : key.split("\\.", -1)) {
      at = at instanceof ConfigObject object ? object.get(part) : null;
    }
    return Optional.ofNullable(at).filter(v -> v.valueType() != ConfigValueType.NULL);
  }

  /** A section; empty if nobody wrote it. */
  Optional<ConfigObject> section(String key) {
    return find(key).map(ConfigObject.class::cast);
  }

  /**
   * Reads one setting.
   *
   * @param fallback the text that stands for it where nobody wrote it
   * @param parse throws {@link IllegalArgumentException} with the problem
   * @param remedy what to write instead
   */
  <T> Item<T> read(String key, String fallback, Function<String, T> parse, String remedy) {
    return find(key, parse, remedy)
        .orElseGet(() -> Item.ofDefault(prefix + key, fallback, parse.apply(fallback)));
  }

  /** Reads one setting if somebody wrote it. */
  <T> Optional<Item<T>> find(String key, Function<String, T> parse, String remedy) {
    return find(key)
        .map(value -> {
          var place = Places.of(value.origin());
          var text = text(value);
          try {
            return new Item<>(prefix + key, text, place, parse.apply(text));
          } catch (IllegalArgumentException e) {
            throw ConfigException.of(place, prefix + key, text, e.getMessage(), remedy, e);
          }
        });
  }

  Item<Double> fraction(String key, String fallback) {
    return read(key, fallback, Fractions::parse, Fractions.REMEDY);
  }

  Item<Long> duration(String key, String fallback) {
    return read(key, fallback, Durations::parse, Durations.REMEDY);
  }

  Item<Long> size(String key, String fallback) {
    return read(key, fallback, Sizes::parse, Sizes.REMEDY);
  }

  /** A plain value as it was written: numbers keep their digits. */
  private static String text(ConfigValue value) {
    return value.valueType() == ConfigValueType.NUMBER
        ? value.render()
        : String.valueOf(value.unwrapped());
  }
}
