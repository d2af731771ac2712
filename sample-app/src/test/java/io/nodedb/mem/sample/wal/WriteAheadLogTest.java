package io.nodedb.mem.sample.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.sample.data.BadDataException;
import io.nodedb.mem.sample.engine.Meter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteAheadLogTest {
  private static final int RECORDS = 50;

  @TempDir private Path directory;

  @Test
  void replayGivesWhatWasAppended() throws IOException {
    write(RECORDS);
    assertThat(List.of(replayed())).hasSize(RECORDS).allSatisfy(this::isIntact);
  }

  @Test
  void concurrentAppendsAreAllThereUnderTheNumbersTheyGot() throws Exception {
    byte[][] byNumber = new byte[4 * 500][];
    try (WriteAheadLog log = new WriteAheadLog(directory, false, new Meter());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        ends.add(threads.submit(() -> {
          for (int i = 0; i < 500; i++) {
            byte[] payload = ByteBuffer.allocate(8).putInt(thread).putInt(i).array();
            byNumber[(int) log.append(payload)] = payload;
          }
          return null;
        }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
    assertThat(replayed()).isDeepEqualTo(byNumber);
  }

  @Test
  void whereverTheTailIsTornTheRecordsBeforeItSurvive() throws IOException {
    write(RECORDS);
    Path file = LogReader.files(directory).getFirst();
    byte[] whole = Files.readAllBytes(file);
    int lastStart = whole.length - LogFormat.HEADER - payload(RECORDS - 1).length;
    for (int length = lastStart; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      LogReader.Replay replay = LogReader.replay(directory, (number, bytes) -> {});
      assertThat(replay.records()).as("cut at %d", length).isEqualTo(RECORDS - 1);
      assertThat(replay.tornBytes()).isEqualTo(length - lastStart);
    }
  }

  @Test
  void flippedBitEndsTheReplayBeforeItsRecord() throws IOException {
    write(RECORDS);
    Path file = LogReader.files(directory).getFirst();
    byte[] whole = Files.readAllBytes(file);
    int lastStart = whole.length - LogFormat.HEADER - payload(RECORDS - 1).length;
    for (int bit = lastStart * 8; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, damaged);
      assertThat(LogReader.replay(directory, (number, bytes) -> {}).records())
          .as("bit %d", bit).isEqualTo(RECORDS - 1);
    }
  }

  @Test
  void truncationDropsOnlyFilesWithoutNewerRecords() throws IOException {
    byte[] large = new byte[LogFormat.MAX_PAYLOAD];
    try (WriteAheadLog log = new WriteAheadLog(directory, false, new Meter())) {
      for (int i = 0; i < 100; i++) {
        log.append(large);
      }
      assertThat(LogReader.files(directory)).hasSizeGreaterThan(2);
      log.truncate(40);
      LogReader.Replay replay = LogReader.replay(directory, (number, bytes) -> {});
      assertThat(replay.first()).isPositive().isLessThanOrEqualTo(41);
      assertThat(replay.next()).isEqualTo(100);
      log.truncate(99);
      assertThat(LogReader.files(directory)).hasSize(1);
    }
  }

  @Test
  void missingOrDamagedFileInTheMiddleIsNamed() throws IOException {
    byte[] large = new byte[LogFormat.MAX_PAYLOAD];
    try (WriteAheadLog log = new WriteAheadLog(directory, false, new Meter())) {
      for (int i = 0; i < 100; i++) {
        log.append(large);
      }
    }
    Path first = LogReader.files(directory).getFirst();
    try (var channel = Files.newByteChannel(first, StandardOpenOption.WRITE)) {
      channel.position(100).write(ByteBuffer.wrap(new byte[] {1}));
    }
    String second = LogReader.files(directory).get(1).toString();
    assertThatThrownBy(() -> LogReader.replay(directory, (number, bytes) -> {}))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(second)
        .message().doesNotContain("\n");
  }

  @Test
  void closedLogTakesNothing() throws IOException {
    WriteAheadLog log = new WriteAheadLog(directory, false, new Meter());
    log.close();
    assertThatThrownBy(() -> log.append(new byte[1])).isInstanceOf(IOException.class);
  }

  private void write(int records) throws IOException {
    try (WriteAheadLog log = new WriteAheadLog(directory, false, new Meter())) {
      for (int i = 0; i < records; i++) {
        assertThat(log.append(payload(i))).isEqualTo(i);
      }
    }
  }

  private byte[][] replayed() throws IOException {
    List<byte[]> records = new ArrayList<>();
    LogReader.Replay replay = LogReader.replay(directory, (number, bytes) -> {
      assertThat(number).isEqualTo(records.size());
      records.add(bytes);
    });
    assertThat(replay.tornBytes()).isZero();
    return records.toArray(byte[][]::new);
  }

  private static byte[] payload(int i) {
    byte[] payload = new byte[1 + i * 7 % 60];
    Arrays.fill(payload, (byte) i);
    return payload;
  }

  private void isIntact(byte[] record) {
    assertThat(record).isEqualTo(payload(record[0]));
  }
}
