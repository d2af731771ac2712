package io.nodedb.mem.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Patterns against an oracle that shares no code with them: regular expressions, brute force. */
class GlobPropertiesTest {
  /**
   * Two patterns of four characters, one a star, spell six letters at most; a common name needs no
   * more than those and one to fill a segment.
   */
  private static final int LONGEST = 7;

  private static final List<String> CLASS_NAMES =
      words("ab.").stream().filter(n -> !("." + n + ".").contains("..")).toList();
  private static final List<String> METHOD_NAMES = words("ab");

  private static List<String> words(String alphabet) {
    var words = new ArrayList<String>(List.of(""));
    for (var i = 0; words.get(i).length() < LONGEST; i++) {
      for (var letter : alphabet.split("")) {
        words.add(words.get(i) + letter);
      }
    }
    return words.subList(1, words.size());
  }

  @Provide
  Arbitrary<String> classPatterns() {
    return Arbitraries.of("a", "b", ".", "*", "**")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(parts -> String.join("", parts))
        .filter(p -> p.length() <= 5 && !p.contains("***") && !("." + p + ".").contains(".."));
  }

  @Provide
  Arbitrary<String> methodPatterns() {
    return Arbitraries.strings().withChars("ab*").ofMinLength(1).ofMaxLength(4);
  }

  private static Pattern oracle(String pattern) {
    return Pattern.compile(
        pattern
            .replaceAll("(?<![^.])\\*\\*\\.", "<SEGMENTS>")
            .replace("**", "<ANY>")
            .replace(".", "\\.")
            .replace("*", "[^.]*")
            .replace("<ANY>", ".*")
            .replace("<SEGMENTS>", "(?:.*\\.)?"));
  }

  @Property(tries = 400)
  void classPatternsMatchAsTheirRegularExpressionsDo(@ForAll("classPatterns") String pattern) {
    var glob = Glob.ofClasses(pattern);
    var oracle = oracle(pattern);

    assertThat(CLASS_NAMES)
        .allMatch(name -> glob.matches(name) == oracle.matcher(name).matches());
  }

  @Property(tries = 2000)
  void classPatternsIntersectIffSomeNameMatchesBoth(
      @ForAll("classPatterns") String left, @ForAll("classPatterns") String right) {
    var l = oracle(left);
    var r = oracle(right);
    var common =
        CLASS_NAMES.stream().filter(n -> l.matcher(n).matches() && r.matcher(n).matches());

    assertThat(Glob.ofClasses(left).intersects(Glob.ofClasses(right)))
        .isEqualTo(common.findAny().isPresent());
  }

  @Property(tries = 1000)
  void methodPatternsIntersectIffSomeNameMatchesBoth(
      @ForAll("methodPatterns") String left, @ForAll("methodPatterns") String right) {
    var l = Pattern.compile(left.replace("*", ".*"));
    var r = Pattern.compile(right.replace("*", ".*"));
    var common =
        METHOD_NAMES.stream().filter(n -> l.matcher(n).matches() && r.matcher(n).matches());

    assertThat(Glob.ofMethods(left).intersects(Glob.ofMethods(right)))
        .isEqualTo(common.findAny().isPresent());
  }

  @Property
  void intersectionIsSymmetricAndEveryPatternMeetsItself(
      @ForAll("classPatterns") String left, @ForAll("classPatterns") String right) {
    var l = Glob.ofClasses(left);
    var r = Glob.ofClasses(right);

    assertThat(l.intersects(r)).isEqualTo(r.intersects(l));
    assertThat(l.intersects(l)).isTrue();
  }
}
