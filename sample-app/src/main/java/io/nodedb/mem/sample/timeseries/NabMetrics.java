package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.sample.data.BadDataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * Recorded series (Numenta Anomaly Benchmark: CSV files, {@code timestamp,value}), each measured by
 * several hosts that started at different points. A series that ends starts over, later.
 */
final class NabMetrics implements MetricSource {
  private static final int HOSTS_PER_FILE = 20;
  private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private record Recording(long[] time, double[] value) {
    long span() {
      return time[time.length - 1] - time[0] + 1_000;
    }
  }

  private final List<Recording> recordings;

  private NabMetrics(List<Recording> recordings) {
    this.recordings = recordings;
  }

  /**
   * Reads all files of a directory.
   *
   * @param directory where to look
   * @return the series
   * @throws BadDataException if there is no file, or one is not in the format
   * @throws IOException if they cannot be read
   */
  static NabMetrics read(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.csv")) {
      stream.forEach(files::add);
    }
    files.sort(null);
    List<Recording> recordings = new ArrayList<>();
    for (Path file : files) {
      recordings.add(readFile(file));
    }
    if (recordings.isEmpty()) {
      throw new BadDataException(directory, "holds no *.csv (expected: one or more)");
    }
    return new NabMetrics(recordings);
  }

  private static Recording readFile(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      reader.readLine();
      reader.lines().filter(line -> !line.isBlank()).forEach(lines::add);
    }
    if (lines.size() < 2) {
      throw new BadDataException(file, "has " + lines.size() + " points (expected: 2 or more)");
    }
    long[] time = new long[lines.size()];
    double[] value = new double[lines.size()];
    for (int i = 0; i < time.length; i++) {
      String line = lines.get(i);
      int comma = line.indexOf(',');
      try {
        time[i] = LocalDateTime.parse(line.substring(0, Math.max(0, comma)), FORMAT)
            .toInstant(ZoneOffset.UTC).toEpochMilli();
        value[i] = Double.parseDouble(line.substring(comma + 1));
      } catch (DateTimeParseException | NumberFormatException e) {
        throw new BadDataException(file, "line " + (i + 2) + " is '" + line
            + "' (expected: yyyy-MM-dd HH:mm:ss,number)");
      }
    }
    return new Recording(time, value);
  }

  @Override
  public int hosts() {
    return recordings.size() * HOSTS_PER_FILE;
  }

  @Override
  public int metrics() {
    return 1;
  }

  @Override
  public long time(int host, long index) {
    Recording recording = recording(host);
    long i = index + start(host);
    int length = recording.time().length;
    return recording.time()[(int) (i % length)] + i / length * recording.span();
  }

  @Override
  public double value(int host, int metric, long index) {
    Recording recording = recording(host);
    return recording.value()[(int) ((index + start(host)) % recording.value().length)];
  }

  private Recording recording(int host) {
    return recordings.get(host % recordings.size());
  }

  private static long start(int host) {
    return host / 5 * 97L;
  }
}
