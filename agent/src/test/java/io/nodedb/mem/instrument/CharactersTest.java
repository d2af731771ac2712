package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CharactersTest {
  @Property
  void areThoseOfCharAt(@ForAll String text) {
    for (int i = 0; i < text.length(); i++) {
      assertThat(Characters.at(text, i)).isEqualTo(text.charAt(i));
    }
  }

  /** Pairs, and halves of them, which class files may hold too. */
  @Example
  void areThoseOfCharAtWithSurrogates() {
    areThoseOfCharAt("a\uD83D\uDE00\uD83D\uDE00b\uDE00\uD83D");
  }

  @Example
  void thereIsNoneOutside() {
    assertThatThrownBy(() -> Characters.at("ab", 2))
        .isInstanceOf(StringIndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Characters.at("ab", -1))
        .isInstanceOf(StringIndexOutOfBoundsException.class);
  }
}
