package io.nodedb.mem.config;

/**
 * A setting that was read, with what is needed to complain about it later.
 *
 * @param key its full name
 * @param text as written
 * @param place where
 * @param value what it means
 */
record Item<T>(String key, String text, String place, T value) {
  private static final String DEFAULT = "built-in default";

  static <T> Item<T> ofDefault(String key, String text, T value) {
    return new Item<>(key, text, DEFAULT, value);
  }

  /** Whether somebody wrote it. */
  boolean stated() {
    return !place.equals(DEFAULT);
  }

  ConfigException bad(String problem, String remedy) {
    return ConfigException.of(place, key, text, problem, remedy);
  }

  /** The one of two conflicting settings to complain about: the one that somebody wrote. */
  static <T> Item<T> culprit(Item<T> first, Item<T> second) {
    return first.stated() ? first : second;
  }

  /** For another setting's complaint: key, value, place. */
  @Override
  public String toString() {
    return key + " = " + text + " (" + place + ")";
  }
}
