package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CollectionsTest {
  private static final int MIB = 1 << 20;

  private final Collections collections = new Collections();

  /** Filled, as an array of references nobody writes to might be thought away. */
  private static volatile byte[] garbage;

  @Test
  void collectionOfYoungObjectsTellsOfOldOnesToo() {
    System.gc();
    long before = collections.usedAfter();
    List<byte[]> old = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      old.add(new byte[4 * MIB]); // Too large for the young generation.
    }
    long full = collections.count();
    while (collections.count() < full + 2) {
      garbage = new byte[100_000];
    }
    assertThat(collections.usedAfter()).isGreaterThan(before + 60 * MIB);
    Reference.reachabilityFence(old);
  }
}
