package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of fields share one budget; at 10,000 their 640 MB contend for 256. */
class ManyFieldsTest {
  private static final long BUDGET = 256L << 20;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, 10_000})
  void fieldsShareTheBudget(int count) throws Exception {
    ChildJvm child =
        ChildJvm.run(
            dir.toFile(),
            ManyFieldsChild.class,
            List.of("-Xmx24m"),
            dir.toString(),
            Integer.toString(count),
            Long.toString(BUDGET),
            System.getProperty("mapped.operations", "8000"));
    System.out.println(count + " fields: " + child.output().strip());
    assertThat(child.exit()).as(child.output()).isZero();
    assertThat(child.figure("failures")).as(child.output()).isZero();
    assertThat(child.figure("mapped")).isPositive().isLessThanOrEqualTo(BUDGET);
    assertThat(child.figure("rss")).isLessThanOrEqualTo(BUDGET + (64L << 20));
    assertThat(child.figure("live")).isZero();
    assertThat(child.figure("fields")).isEqualTo(count);
    assertThat(child.figure("open")).isLessThanOrEqualTo(MappingSettings.DEFAULTS.maxFiles());
    if (count == 10_000) {
      assertThat(child.figure("evictions")).isPositive();
    }
  }
}
