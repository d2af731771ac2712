package io.nodedb.mem.benchmarks.accuracy;

import io.nodedb.mem.EngineScope;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.sql.Connection;
import org.apache.lucene.index.IndexWriter;

/** Builds one live set inside a scope and prints truth, ledger, and the ledger after dropping it. */
public final class AccuracyChild {
  private static volatile Object keep;

  private AccuracyChild() {}

  /**
   * Runs.
   *
   * @param args which set, and MiB
   * @throws Exception if it fails
   */
  public static void main(String[] args) throws Exception {
    HeapWalk.liveBytes();
    long truthBefore = HeapWalk.liveBytes();
    long ledgerBefore = ledger();
    Thread builder =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (EngineScope _ = EngineScope.open(Engines.QUERY)) {
                    keep = LiveSets.ALL.get(args[0]).apply(Long.parseLong(args[1]) << 20);
                  }
                });
    builder.join();
    long truth = HeapWalk.liveBytes() - truthBefore;
    long ledger = ledger() - ledgerBefore;
    drop();
    long left = HeapWalk.liveBytes() - truthBefore;
    System.out.println("RESULT " + truth + " " + ledger + " " + left + " " + ledger());
  }

  /** In a method of its own, as a local of {@code main} would keep the set alive. */
  private static void drop() throws Exception {
    if (keep instanceof IndexWriter writer) {
      writer.rollback();
    } else if (keep instanceof Connection connection) {
      connection.close();
    }
    keep = null;
  }

  /** What the ledger says once the collector's findings have reached it. */
  private static long ledger() throws InterruptedException {
    long before;
    long now = -1;
    do {
      before = now;
      Thread.sleep(100);
      now = MemoryGovernor.get().snapshot(Engines.QUERY).heap();
    } while (now != before);
    return now;
  }
}
