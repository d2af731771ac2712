package io.nodedb.mem.sample.query;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.blocks.Merge;
import io.nodedb.mem.blocks.SpillStore;
import io.nodedb.mem.blocks.SpillableAggregation;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Groups line items outside the database, in memory that spills to a file. Thread-safe. */
final class OwnGroupBy {
  private final TpchRows rows;
  private final Path directory;
  private final BooleanSupplier cancelled;

  OwnGroupBy(TpchRows rows, Path directory, BooleanSupplier cancelled) {
    this.cancelled = cancelled;
    this.rows = rows;
    this.directory = directory;
  }

  /**
   * Sums by line item and time: as many groups as rows, that many times.
   *
   * @param times how often each row counts, each time in a group of its own
   * @throws WrongAnswerException if the sums of all groups are not those of all rows
   */
  @EngineBudget(Engines.QUERY)
  void run(int times) throws WrongAnswerException {
    long[] sums = new long[3];
    try (SpillStore store = SpillStore.inFile(directory);
        SpillableAggregation groups =
            new SpillableAggregation(Engines.QUERY, store, Merge.SUM, Merge.SUM, Merge.SUM)) {
      long[] values = {0, 0, 1};
      rows.eachLine(
          (line, quantity, price) -> {
            goOn();
            values[0] = quantity;
            values[1] = price;
            for (int time = 0; time < times; time++) {
              groups.add((long) time << Integer.SIZE | line, values);
            }
          });
      groups.forEach(
          group -> {
            goOn();
            sums[0] += group.value(0);
            sums[1] += group.value(1);
            sums[2] += group.value(2) == 1 ? 1 : 0;
          });
    }
    TpchRows.Sums found = new TpchRows.Sums(sums[0], sums[1], sums[2]);
    TpchRows.Sums expected = rows.all().times(times);
    if (!found.equals(expected)) {
      throw new WrongAnswerException(
          "query: own grouping sums up to " + found + " (expected: " + expected + ")");
    }
  }

  private void goOn() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("the run is over");
    }
  }
}
