package io.nodedb.mem.config;

/** A configuration that the agent does not start with. Its message is one line. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_VALUE = 120;

  private ConfigException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Makes one.
   *
   * @param place where it is written: file and line, variable or argument
   * @param key the setting, or what stands in its stead
   * @param value what was written; {@code null} if there is no value to show
   * @param problem what is wrong with it
   * @param remedy what to write instead
   * @return an exception whose message is {@code place: key = value: problem; remedy}
   */
  static ConfigException of(
      String place, String key, String value, String problem, String remedy) {
    return of(place, key, value, problem, remedy, null);
  }

  static ConfigException of(
      String place, String key, String value, String problem, String remedy, Throwable cause) {
    var subject = value == null ? key : key + " = " + shorten(value);
    return new ConfigException(
        oneLine(place + ": " + subject + ": " + problem + "; " + remedy), cause);
  }

  private static String shorten(String value) {
    return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "...";
  }

  /** Replaces every run of line breaks and other control characters by one space. */
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]+", " ").strip();
  }
}
