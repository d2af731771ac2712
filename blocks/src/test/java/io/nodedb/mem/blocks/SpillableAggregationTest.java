package io.nodedb.mem.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a map, spilled at every step that matters; what is random has a fixed seed. */
class SpillableAggregationTest {
  @TempDir Path directory;
  private Stores.Counting store;

  @BeforeEach
  void open() {
    store = new Stores.Counting(SpillStore.inFile(directory));
  }

  @AfterEach
  void close() {
    store.close();
    assertThat(directory).isEmptyDirectory();
  }

  private static final Merge[] ALL = {Merge.SUM, Merge.MIN, Merge.MAX};

  private static void into(Map<List<Byte>, long[]> model, byte[] key, long value) {
    model.merge(
        asList(key),
        new long[] {value, value, value},
        (a, b) ->
            new long[] {a[0] + b[0], Math.min(a[1], b[1]), Math.max(a[2], b[2])});
  }

  private static List<Byte> asList(byte[] key) {
    Byte[] boxed = new Byte[key.length];
    Arrays.setAll(boxed, i -> key[i]);
    return List.of(boxed);
  }

  private static Map<List<Byte>, long[]> visited(SpillableAggregation aggregation) {
    Map<List<Byte>, long[]> found = new HashMap<>();
    aggregation.forEach(
        group -> {
          byte[] key = group.key().toArray(ValueLayout.JAVA_BYTE);
          assertThat(found.put(
                  asList(key), new long[] {group.value(0), group.value(1), group.value(2)}))
              .as("each group once")
              .isNull();
        });
    return found;
  }

  private static void same(Map<List<Byte>, long[]> found, Map<List<Byte>, long[]> model) {
    assertThat(found).hasSameSizeAs(model);
    model.forEach((key, values) -> assertThat(found.get(key)).isEqualTo(values));
  }

  /** Adds a hundred thousand keys, each once. What the aggregation should have then. */
  private static Map<List<Byte>, long[]> filled(SpillableAggregation aggregation) {
    Map<List<Byte>, long[]> model = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      byte[] key = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
      aggregation.add(key, i, i, i);
      into(model, key, i);
    }
    return model;
  }

  private void compare(int rows, int keys, int spillEvery, int longestKey) {
    SplittableRandom random = new SplittableRandom(7);
    Map<List<Byte>, long[]> model = new HashMap<>();
    try (SpillableAggregation aggregation = new SpillableAggregation("query", store, ALL)) {
      for (int i = 0; i < rows; i++) {
        SplittableRandom ofKey = new SplittableRandom(random.nextInt(keys));
        byte[] key = new byte[ofKey.nextInt(longestKey + 1)];
        ofKey.nextBytes(key);
        long value = random.nextLong();
        aggregation.add(key, value, value, value);
        into(model, key, value);
        if (spillEvery > 0 && i % spillEvery == spillEvery - 1) {
          aggregation.spill(random.nextLong(1 << 22), Stores.CONTEXT);
        }
      }
      same(visited(aggregation), model);
    }
    assertThat(store.live).as("slots left behind").isZero();
  }

  @Test
  void withoutSpillingEveryGroupIsRight() {
    compare(50_000, 20_000, 0, 20);
    assertThat(store.written).isZero();
  }

  @Test
  void whateverIsSpilledWheneverEveryGroupIsRight() {
    compare(200_000, 60_000, 20_000, 20);
    assertThat(store.written).isGreaterThan(64);
  }

  @Test
  void keysLargerThanTheReadBufferAreRead() {
    compare(200, 100, 20, 200_000);
    assertThat(store.written).isPositive();
  }

  @Test
  void groupsOfLongKeysAreRight() {
    try (SpillableAggregation aggregation =
        new SpillableAggregation("query", store, Merge.SUM, Merge.SUM)) {
      for (int round = 0; round < 3; round++) {
        for (long key = 0; key < 50_000; key++) {
          aggregation.add(key, key * 3, 1);
        }
        aggregation.spill(Long.MAX_VALUE, Stores.CONTEXT);
      }
      boolean[] seen = new boolean[50_000];
      aggregation.forEach(
          group -> {
            int key = (int) group.longKey();
            assertThat(seen[key]).isFalse();
            seen[key] = true;
            assertThat(group.value(0)).isEqualTo(9L * key);
            assertThat(group.value(1)).isEqualTo(3);
          });
      assertThat(seen).doesNotContain(false);
    }
  }

  @Test
  void spillDuringTheVisitTakesWhatIsNotVisitedYet() {
    try (SpillableAggregation aggregation = new SpillableAggregation("query", store, ALL)) {
      Map<List<Byte>, long[]> model = filled(aggregation);
      Map<List<Byte>, long[]> found = new HashMap<>();
      int[] visits = new int[1];
      aggregation.forEach(
          group -> {
            found.put(
                asList(group.key().toArray(ValueLayout.JAVA_BYTE)),
                new long[] {group.value(0), group.value(1), group.value(2)});
            if (visits[0]++ % 10_000 == 0) {
              onAnotherThread(() -> aggregation.spill(1 << 20, Stores.CONTEXT));
            }
          });
      assertThat(visits[0]).isEqualTo(model.size());
      same(found, model);
    }
    assertThat(store.written).isPositive();
  }

  private static void onAnotherThread(Runnable body) {
    Thread thread = Thread.ofPlatform().start(body);
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fullDiskLosesNothing() {
    try (SpillableAggregation aggregation = new SpillableAggregation("query", store, ALL)) {
      Map<List<Byte>, long[]> model = filled(aggregation);
      store.full = true;
      assertThatThrownBy(() -> aggregation.spill(Long.MAX_VALUE, Stores.CONTEXT))
          .isInstanceOf(OverflowException.class);
      store.full = false;
      same(visited(aggregation), model);
    }
  }

  @Test
  void wrongNumberOfValuesIsRefused() {
    try (SpillableAggregation aggregation = new SpillableAggregation("query", store, Merge.SUM)) {
      assertThatThrownBy(() -> aggregation.add(1, 2, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: 1");
    }
  }
}
