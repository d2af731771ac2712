package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaLogTest {
  @TempDir(factory = MemoryDirectory.class) Path temp;

  @Test
  void recordsGatherUntilTheBoundAndAreAllWritten() throws Exception {
    RegionFiles files = new RegionFiles(temp.resolve("region"));
    files.createDirectory();
    try (DeltaLog log = DeltaLog.create(files, new UUID(1, 2), 1, 100)) {
      int count = 0;
      while (log.room() > 0) {
        assertThat(log.appendFree(count, 7)).isEqualTo(100 + count);
        count++;
      }
      assertThat(count).isEqualTo(DeltaLog.MOST);
      log.flush();
      assertThat(log.room()).isEqualTo(DeltaLog.MOST);
      log.appendFree(count++, 7);
      log.flush();
      ByteBuffer all =
          ByteBuffer.wrap(Files.readAllBytes(files.log(1))).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(all.limit()).isEqualTo(LogScan.offsetOf(count));
      for (int i = 0; i < count; i++) {
        int at = (int) LogScan.offsetOf(i);
        assertThat(LogLayout.recordValid(all, at)).isTrue();
        assertThat(all.getInt(at + LogLayout.INDEX_OFFSET)).isEqualTo(i);
      }
    }
  }
}
