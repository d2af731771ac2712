package io.nodedb.mem.sample;

import io.nodedb.mem.Engines;
import io.nodedb.mem.sample.crdt.CrdtEngine;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.LuceneLogging;
import io.nodedb.mem.sample.engine.Meter;
import io.nodedb.mem.sample.query.QueryEngine;
import io.nodedb.mem.sample.sparse.SparseEngine;
import io.nodedb.mem.sample.timeseries.TimeSeriesEngine;
import io.nodedb.mem.sample.vector.VectorEngine;
import io.nodedb.mem.sample.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All engines of the process, and the figures about each. */
final class Database implements AutoCloseable {
  static final List<String> NAMES = List.of(Engines.VECTOR, Engines.SPARSE, Engines.CRDT,
      Engines.TIMESERIES, Engines.QUERY, Engines.WAL, Engines.BRIDGE);

  private static final int DOCUMENTS = 6_000;

  private final Map<String, Meter> meters = new LinkedHashMap<>();
  private final WriteAheadLog log;
  private final QueryEngine query;
  private final CrdtEngine crdt;
  private final List<Engine> engines;

  /**
   * Makes the engines, all empty.
   *
   * @param scenario says how fast metrics come and go
   * @param data real data, or null
   * @param work for the engines' files
   */
  Database(Scenario scenario, Path data, WorkDirectory work) throws IOException {
    LuceneLogging.quiet();
    NAMES.forEach(name -> meters.put(name, new Meter()));
    Corpus corpus = Corpus.load(DOCUMENTS);
    boolean full = scenario == Scenario.FULL_LOAD;
    boolean flood = full || scenario == Scenario.INGEST_FLOOD;
    Path logs = work.make("wal");
    boolean hurry = Engines.TIMESERIES.equals(scenario.crowded());
    log = new WriteAheadLog(logs, !hurry, meters.get(Engines.WAL));
    query = new QueryEngine(work.make("spilled"), full);
    crdt = new CrdtEngine(corpus, under(data, "crdt"));
    engines = List.of(
        new VectorEngine(corpus, under(data, "vector"), work.make("vectors")),
        new SparseEngine(corpus),
        crdt,
        new TimeSeriesEngine(under(data, "nab"), work.make("segments"), logs, log,
            flood ? TimeSeriesEngine.Pace.FLOOD : TimeSeriesEngine.Pace.STEADY),
        query);
  }

  private static Path under(Path data, String name) {
    return data == null ? null : data.resolve(name);
  }

  /** The engines that clients talk to. */
  List<Engine> engines() {
    return engines;
  }

  QueryEngine query() {
    return query;
  }

  CrdtEngine crdt() {
    return crdt;
  }

  /** By engine's name, in the order to show them; wal and bridge are among them. */
  Map<String, Meter> meters() {
    return meters;
  }

  @Override
  public void close() throws IOException {
    for (Engine engine : engines) {
      engine.close();
    }
    log.close();
  }
}
