package io.nodedb.mem.sample.query;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.blocks.Merge;
import io.nodedb.mem.blocks.SpillStore;
import io.nodedb.mem.blocks.SpillableAggregation;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.nio.file.Path;

/** Groups line items outside the database, in memory that spills to a file. Thread-safe. */
final class OwnGroupBy {
  private final TpchRows rows;
  private final Path directory;

  OwnGroupBy(TpchRows rows, Path directory) {
    this.rows = rows;
    this.directory = directory;
  }

  /** Sums by line item: as many groups as rows. */
  @EngineBudget(Engines.QUERY)
  void run() throws WrongAnswerException {
    long[] sums = new long[3];
    try (SpillStore store = SpillStore.inFile(directory);
        SpillableAggregation groups =
            new SpillableAggregation(Engines.QUERY, store, Merge.SUM, Merge.SUM, Merge.SUM)) {
      long[] values = {0, 0, 1};
      rows.eachLine(
          (line, quantity, price) -> {
            values[0] = quantity;
            values[1] = price;
            groups.add(line, values);
          });
      groups.forEach(
          group -> {
            sums[0] += group.value(0);
            sums[1] += group.value(1);
            sums[2] += group.value(2) == 1 ? 1 : 0;
          });
    }
    TpchRows.Sums found = new TpchRows.Sums(sums[0], sums[1], sums[2]);
    if (!found.equals(rows.all())) {
      throw new WrongAnswerException(
          "query: own grouping sums up to " + found + " (expected: " + rows.all() + ")");
    }
  }
}
