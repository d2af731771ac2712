package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.nodedb.mem.EngineScope;
import io.nodedb.mem.MemoryGovernor;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Memory allocated by one engine and kept by another, with the agent as users have it. */
class TransferIT {
  /** A cache that is filled by one engine and handed to another. */
  static final class Handover {
    private Handover() {}

    public static void main(String[] args) {
      MemoryGovernor governor = MemoryGovernor.get();
      Map<Integer, byte[]> cache = new HashMap<>();
      Map<Integer, byte[]> stays = new HashMap<>();
      try (EngineScope _ = EngineScope.open("query")) {
        for (int i = 0; i < 32; i++) {
          cache.put(i, new byte[1 << 20]);
        }
        for (int i = 0; i < 8; i++) {
          stays.put(i, new byte[1 << 20]);
        }
      }
      System.out.println("moved=" + (governor.transferObjects(cache, "query", "vector") >> 20));
      show(governor, "after");
      Reference.reachabilityFence(cache);
      cache = null;
      System.gc();
      show(governor, "dropped");
      governor.charge("query", 100);
      governor.transfer("query", "vector", 60);
      System.out.println("raw.query=" + governor.snapshot("query").reserved());
      System.out.println("raw.vector=" + governor.snapshot("vector").reserved());
      Reference.reachabilityFence(stays);
    }

    private static void show(MemoryGovernor governor, String when) {
      for (String engine : new String[] {"query", "vector"}) {
        System.out.println(when + "." + engine + "=" + (governor.snapshot(engine).heap() >> 20));
      }
    }
  }

  @Test
  void objectsMoveToTheEngineThatKeepsThem() {
    ChildJvm.Result result = run("ceiling=700MiB,heap.sampling-interval=4KiB");
    assertThat(result.exit()).as(result.all()).isZero();
    near(result, "moved", 32);
    near(result, "after.query", 8);
    near(result, "after.vector", 32);
    near(result, "dropped.query", 8);
    near(result, "dropped.vector", 0);
    assertThat(result.value("raw.query")).isEqualTo("40");
    assertThat(result.value("raw.vector")).isEqualTo("60");
  }

  @Test
  void refusedTransferIsThrownAndMovesNothing() {
    // Fixed limits: idle budget of others would make room for what is to be refused.
    ChildJvm.Result result =
        run(
            "ceiling=700MiB,heap.sampling-interval=4KiB,"
                + "engines.vector.limit=16MiB,engines.query.limit=200MiB,rebalance.enabled=false");
    assertThat(result.exit()).as(result.all()).isEqualTo(1);
    assertThat(result.err())
        .anyMatch(line -> line.contains("BudgetExceededException") && line.contains("vector"));
    assertThat(result.out()).noneMatch(line -> line.startsWith("moved="));
  }

  @Test
  void withoutTheAgentNothingMoves() {
    ChildJvm.Result result = ChildJvm.running(Handover.class).run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("moved")).isEqualTo("0");
  }

  private static ChildJvm.Result run(String arguments) {
    ChildJvm.Result result = ChildJvm.running(Handover.class).agent(arguments).run();
    // Only samples know whose an object is.
    assumeFalse(
        result.err().stream().anyMatch(line -> line.contains("accounting estimated")),
        "no heap sampler in this build: objects cannot be moved between engines");
    return result;
  }

  private static void near(ChildJvm.Result result, String key, long mebibytes) {
    assertThat(Long.parseLong(result.value(key)))
        .as(key + "\n" + result.all())
        .isBetween(mebibytes - 2, mebibytes + 2);
  }
}
