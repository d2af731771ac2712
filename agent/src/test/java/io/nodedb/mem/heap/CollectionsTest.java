package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.mapped.ChildJvm;
import java.io.File;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectionsTest {
  /** With a young generation of 8 MiB, makes 32 MiB of objects old that no full collection sees. */
  static final class GrowingOld {
    private static volatile byte[] latest;

    private GrowingOld() {}

    public static void main(String[] args) {
      Collections collections = new Collections();
      System.gc();
      long before = collections.usedAfter();
      long full = collections.count();
      List<byte[]> kept = new ArrayList<>();
      for (int i = 0; i < 32 << 10; i++) {
        kept.add(new byte[1 << 10]);
      }
      long grown = collections.count();
      while (collections.count() == grown) {
        latest = new byte[1 << 10];
      }
      System.out.println(
          "RESULT collections=" + (grown - full)
              + " grown=" + (collections.usedAfter() - before)
              + " latest=" + latest.length);
      Reference.reachabilityFence(kept);
    }
  }

  @Test
  void collectionOfYoungObjectsTellsOfOldOnesToo(@TempDir File directory) throws Exception {
    ChildJvm child =
        ChildJvm.run(
            directory, GrowingOld.class, List.of("-Xms128m", "-Xmx128m", "-Xmn8m", "-Xlog:gc"));
    assertThat(child.exit()).as(child.output()).isZero();
    assertThat(child.output()).containsOnlyOnce("Pause Full");
    assertThat(child.figure("grown")).as(child.output()).isGreaterThanOrEqualTo(32 << 20);
  }
}
