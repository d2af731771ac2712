package io.nodedb.mem.config;

/** Which texts are patterns. */
final class GlobSyntax {
  private GlobSyntax() {}

  static void checkClasses(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("it is empty");
    }
    if (text.indexOf('/') >= 0) {
      throw new IllegalArgumentException("packages are separated by dots, not slashes");
    }
    checkCharacters(text, ".");
    if (text.startsWith(".") || text.endsWith(".") || text.contains("..")) {
      throw new IllegalArgumentException("a part between dots is empty");
    }
    if (text.contains("***")) {
      throw new IllegalArgumentException("there are more than two stars in a row");
    }
  }

  static void checkMethods(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("it is empty");
    }
    if (!text.equals("<init>")) {
      checkCharacters(text, "");
    }
  }

  private static void checkCharacters(String text, String separators) {
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c != '*' && !Character.isJavaIdentifierPart(c) && separators.indexOf(c) < 0
          || Character.isIdentifierIgnorable(c)) {
        throw new IllegalArgumentException("'" + c + "' occurs in no name");
      }
    }
  }
}
