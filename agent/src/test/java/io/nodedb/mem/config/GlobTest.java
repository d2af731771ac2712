package io.nodedb.mem.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

  @ParameterizedTest
  @CsvSource({
    "org.h2.command.**, org.h2.command.Parser, true",
    "org.h2.command.**, org.h2.command.query.Select$1, true",
    "org.h2.command.**, org.h2.commands.Parser, false",
    "org.h2.command.*, org.h2.command.Parser, true",
    "org.h2.command.*, org.h2.command.query.Select, false",
    "**.Select, Select, true",
    "**.Select, org.h2.Select, true",
    "**.Select, org.h2.SubSelect, false",
    "org.**.Select, org.Select, true",
    "org.**.Select, org.h2.command.Select, true",
    "org.h2.Map, org.h2.Map$Entry, false",
    "org.h2.Map*, org.h2.Map$Entry, true",
    "**, Anything, true",
    "org.h2.Map, org.h2.Ma, false"
  })
  void matchesClasses(String pattern, String name, boolean expected) {
    assertThat(Glob.ofClasses(pattern).matches(name)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "query*, query, true",
    "query*, queryAll, true",
    "query*, requery, false",
    "*, <init>, true",
    "<init>, <init>, true",
    "get*Of*, getMapOfNames, true"
  })
  void matchesMethods(String pattern, String name, boolean expected) {
    assertThat(Glob.ofMethods(pattern).matches(name)).isEqualTo(expected);
  }

  @Test
  void aPatternOfManyStarsIsNotSlow() {
    var pattern = "*a".repeat(60) + "b";
    var name = "a".repeat(5000);

    assertThat(Glob.ofMethods(pattern).matches(name)).isFalse();
    assertThat(Glob.ofMethods(pattern).intersects(Glob.ofMethods("*a".repeat(60)))).isFalse();
  }

  @Test
  void classesAndMethodsAreNotComparable() {
    var classes = Glob.ofClasses("a");
    var methods = Glob.ofMethods("a");

    assertThat(classes).isNotEqualTo(methods);
    assertThatThrownBy(() -> classes.intersects(methods))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
