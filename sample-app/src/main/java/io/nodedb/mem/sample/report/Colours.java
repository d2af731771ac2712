package io.nodedb.mem.sample.report;

/** Emphasis on a terminal that wants it, plain text elsewhere. */
final class Colours {
  private static final String ESCAPE = "\u001b[";

  private final boolean on;

  Colours(boolean on) {
    this.on = on;
  }

  String bold(String text) {
    return wrap("1", text);
  }

  String green(String text) {
    return wrap("32", text);
  }

  String yellow(String text) {
    return wrap("33", text);
  }

  String red(String text) {
    return wrap("31", text);
  }

  private String wrap(String code, String text) {
    return on ? ESCAPE + code + "m" + text + ESCAPE + "0m" : text;
  }
}
