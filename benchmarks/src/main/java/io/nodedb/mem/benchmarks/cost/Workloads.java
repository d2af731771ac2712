package io.nodedb.mem.benchmarks.cost;

import java.nio.file.Path;
import java.util.List;

/** All workloads, by the name of the child that runs them. */
enum Workloads {
  /** Lucene takes in texts. */
  INDEXING {
    @Override
    List<Operation> prepare(Path data) throws Exception {
      return new LuceneIndexing().operations();
    }
  },
  /** Lucene searches a graph. */
  HNSW {
    @Override
    List<Operation> prepare(Path data) throws Exception {
      return new HnswSearch().operations();
    }
  },
  /** H2 groups TPC-H rows. */
  TPCH {
    @Override
    List<Operation> prepare(Path data) throws Exception {
      return new TpchQueries().operations();
    }
  },
  /** Automerge replays edits. */
  AUTOMERGE {
    @Override
    List<Operation> prepare(Path data) throws Exception {
      return new AutomergeReplay(data).operations();
    }
  };

  /**
   * Builds what the operations work on.
   *
   * @param data a recorded editing history, or null
   * @return the operations
   * @throws Exception if it cannot be built
   */
  abstract List<Operation> prepare(Path data) throws Exception;
}
