package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.sample.timeseries.SegmentFormat.Visitor;
import java.io.IOException;

/** Where flushed memtables go. Used by one thread at a time. */
interface Segments extends AutoCloseable {
  /** A flushed memtable. */
  interface Segment {
    /** Visits its chunks, those of a series in the order they came. */
    void read(Visitor visitor) throws IOException;

    void delete() throws IOException;
  }

  /** Is told what was written, and may take its time. */
  @FunctionalInterface
  interface Pace {
    void wrote(int bytes) throws IOException;
  }

  Segment write(Memtable table, Pace pace) throws IOException;

  @Override
  void close();
}
