package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import io.nodedb.mem.sample.wal.LogReader;
import io.nodedb.mem.sample.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Stores what machines measure. A request brings the next points of one host, or reads a series'
 * newest points and compares them with what was measured; in the end every point is read back, and
 * every batch that is still in the log. A refused batch is not stored at all; the host sends the
 * same points again.
 */
public final class TimeSeriesEngine implements Engine {
  private static final int READ_ONE_IN = 8;

  /**
   * How metrics come and go.
   *
   * @param pointsPerBatch points of a request, over all metrics
   * @param flushBytesPerSecond how fast segments may be written
   */
  public record Pace(int pointsPerBatch, long flushBytesPerSecond) {
    /** Flushing keeps up. */
    public static final Pace STEADY = new Pace(320, 1 << 30);

    /** Far more comes in than can be flushed. */
    public static final Pace FLOOD = new Pace(2560, 512 << 10);
  }

  private final Path data;
  private final Path segments;
  private final Path logDirectory;
  private final WriteAheadLog log;
  private final Pace pace;
  private MetricSource source;
  private SeriesStore store;

  /** 1 where a host's request is under way. */
  private AtomicIntegerArray busy;

  /**
   * Makes one without points.
   *
   * @param data a directory with CSV files, or null
   * @param segments an empty directory
   * @param logDirectory where the log's files are
   * @param log takes every batch first
   * @param pace how much comes and goes
   */
  public TimeSeriesEngine(
      Path data, Path segments, Path logDirectory, WriteAheadLog log, Pace pace) {
    this.data = data;
    this.segments = segments;
    this.logDirectory = logDirectory;
    this.log = log;
    this.pace = pace;
  }

  @Override
  public String name() {
    return Engines.TIMESERIES;
  }

  @Override
  @EngineBudget(Engines.TIMESERIES)
  public void load() throws IOException {
    source = data != null && Files.isDirectory(data)
        ? NabMetrics.read(data) : new SyntheticMetrics(42);
    store = new SeriesStore(source, log, segments(), pace.flushBytesPerSecond());
    busy = new AtomicIntegerArray(source.hosts());
  }

  /**
   * With the agent an overflow region, without it files. Opened for the log's engine, which has its
   * own budget: flushing is what makes room when this engine has none.
   */
  private Segments segments() {
    MemoryGovernor governor = MemoryGovernor.get();
    return governor.active()
        ? new RegionSegments(
            governor.openOverflow(Engines.WAL, segments, governor.overflowOptions()))
        : new FileSegments(segments);
  }

  /** A batch; or 4 bytes: a series to read. */
  @Override
  public byte[] request(SplittableRandom random) {
    if (random.nextInt(READ_ONE_IN) == 0) {
      int series = random.nextInt(source.hosts() * source.metrics());
      return ByteBuffer.allocate(Integer.BYTES).putInt(series).array();
    }
    int host = random.nextInt(source.hosts());
    while (!busy.compareAndSet(host, 0, 1)) {
      host = random.nextInt(source.hosts());
    }
    return Batch.of(source, host, store.stored(host), pace.pointsPerBatch() / source.metrics());
  }

  @Override
  public void over(byte[] request) {
    if (request.length > Integer.BYTES) {
      busy.set(new Batch(request).host(), 0);
    }
  }

  @Override
  @EngineBudget(Engines.TIMESERIES)
  public void execute(byte[] request) throws IOException {
    if (request.length == Integer.BYTES) {
      store.checkNewest(ByteBuffer.wrap(request).getInt());
      return;
    }
    store.append(request);
  }

  /** In no scope: what an audit of everything allocates is not the engine's. */
  @Override
  public String verify() throws IOException, WrongAnswerException {
    long points = store.readBack();
    LogReader.Replay replay = LogReader.replay(logDirectory, this::checkLogged);
    if (replay.next() != log.last() + 1 || replay.tornBytes() != 0) {
      throw new WrongAnswerException("wal: ends before record " + replay.next() + " with "
          + replay.tornBytes() + " torn bytes (expected: " + (log.last() + 1) + " and none)");
    }
    return points + " points read back, " + replay.records() + " of " + replay.next()
        + " log records replayed, the others flushed";
  }

  /** A record of the log is what its host measured. */
  private void checkLogged(long number, byte[] payload) throws IOException {
    Batch batch = new Batch(payload);
    byte[] expected = Batch.of(source, batch.host(), batch.index(), batch.points());
    if (!Arrays.equals(payload, expected)) {
      throw new IOException("wal: record " + number + " differs from what host " + batch.host()
          + " measured");
    }
  }

  @Override
  public void close() {
    if (store != null) {
      store.close();
    }
  }
}
