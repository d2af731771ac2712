package io.nodedb.mem.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Locale;
import java.util.function.LongSupplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class ValuePropertiesTest {

  @Property
  void aSizePrintedAndParsedIsTheSame(@ForAll @LongRange(min = 0) long bytes) {
    assertThat(Sizes.parse(Sizes.format(bytes))).isEqualTo(bytes);
  }

  @Property
  void wholeUnitsArePrintedWithoutRest(
      @ForAll @IntRange(min = 1, max = 1023) int n, @ForAll @IntRange(min = 0, max = 4) int power) {
    var unit = new String[] {"B", "KiB", "MiB", "GiB", "TiB"}[power];
    var bytes = (long) n << (10 * power);

    assertThat(Sizes.format(bytes)).isEqualTo(n + unit);
    assertThat(Sizes.parse(" " + n + " " + unit.toLowerCase(Locale.ROOT) + " "))
        .isEqualTo(bytes);
  }

  @Property
  void aShareIsExactButForLessThanAByte(
      @ForAll @IntRange(min = 0, max = 100) int percent, @ForAll @LongRange(min = 0) long whole) {
    var share = Fractions.of(percent + "%", whole);

    var hundredfold = BigInteger.valueOf(whole).multiply(BigInteger.valueOf(percent));
    assertThat(hundredfold.divide(BigInteger.valueOf(100))).isEqualTo(BigInteger.valueOf(share));
  }

  @Property
  void decimalsAreExactToo(@ForAll @LongRange(min = 0, max = 1L << 52) long thousandths) {
    var text = thousandths / 1000 + "." + "%03d".formatted(thousandths % 1000);

    assertThat(Sizes.parse(text + "KB")).isEqualTo(thousandths);
    assertThat(Durations.parse(text + "us")).isEqualTo(thousandths);
    assertThat(Sizes.parse(text + "B")).isEqualTo(thousandths / 1000);
  }

  @Property
  void whatDoesNotFitIsRefused(@ForAll @LongRange(min = 1L << 53) long kibibytes) {
    assertThatThrownBy(() -> Sizes.parse(kibibytes + "KiB")).hasMessageContaining("64-bit");
  }

  @Property
  void noTextBreaksTheParsers(@ForAll String text) {
    refusedOrSound(() -> Sizes.parse(text));
    refusedOrSound(() -> Durations.parse(text));
    refusedOrSound(() -> Fractions.of(text, 1000));
  }

  private static void refusedOrSound(LongSupplier parser) {
    try {
      assertThat(parser.getAsLong()).isNotNegative();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  @Property
  void everyAgentArgumentIsReadOrRefusedInOneLine(@ForAll String text) {
    try {
      new Arguments(text).layer();
    } catch (ConfigException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\R").startsWith("agent argument: ");
    }
  }
}
