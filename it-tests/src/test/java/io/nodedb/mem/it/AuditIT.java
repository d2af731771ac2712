package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import org.junit.jupiter.api.Test;

/** Audits in quick succession, while two threads do what is hardest to compare. */
class AuditIT {
  /** Large arrays, each admitted before it is allocated and sampled after; most of them garbage. */
  static final class Churn {
    private static final long BYTES = 1L << 30;
    private static final int KEPT = 64;

    private Churn() {}

    @EngineBudget(Engines.QUERY)
    static void large() {
      byte[][] kept = new byte[KEPT][];
      int i = 0;
      for (long done = 0; done < BYTES; done += kept[i++ % KEPT].length) {
        kept[i % KEPT] = new byte[100_000 + i % 7 * 100_000];
      }
    }

    @EngineBudget(Engines.VECTOR)
    static void small() {
      Object[] kept = new Object[1 << 14];
      for (int i = 0; i < 4_000_000; i++) {
        kept[i % kept.length] = new long[i % 9];
      }
    }

    public static void main(String[] args) throws InterruptedException {
      Thread other = new Thread(Churn::small);
      other.start();
      large();
      other.join();
      System.out.println(
          "allocated=" + (MemoryGovernor.get().snapshot(Engines.QUERY).allocated() >> 20));
    }
  }

  @Test
  void noLedgerDriftsUnderLoad() {
    ChildJvm.Result result =
        ChildJvm.running(Churn.class)
            .agent("ceiling=700MiB,heap-ceiling=100%,audit.interval=20ms")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(Long.parseLong(result.value("allocated"))).isGreaterThanOrEqualTo(1 << 10);
    assertThat(result.err()).as(result.all()).hasSize(1);
  }
}
