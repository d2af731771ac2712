package io.nodedb.mem.resident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidentTest {
  @TempDir Path process;

  @Test
  void columnsAddUpToTheResidentSet() {
    Resident r = Resident.of(1000, 600, 150, 0, 0);
    assertThat(r.jvm()).isEqualTo(150);
    assertThat(r.unattributed()).isEqualTo(250);
  }

  @Test
  void estimateTakesNoMoreThanUseLeaves() {
    Resident r = Resident.of(1000, 900, 150, 0, 0);
    assertThat(r.jvm()).isEqualTo(100);
    assertThat(r.unattributed()).isZero();
  }

  @Test
  void nothingIsNegativeWhenMoreIsChargedThanResident() {
    Resident r = Resident.of(1000, 1100, 150, 0, 0);
    assertThat(r.jvm()).isZero();
    assertThat(r.unattributed()).isZero();
  }

  @Test
  void withoutResidentSetNothingIsMadeUp() {
    Resident r = Resident.of(Resident.UNKNOWN, 1100, 150, 0, 0);
    assertThat(r.unattributed()).isEqualTo(Resident.UNKNOWN);
    assertThat(r.jvm()).isEqualTo(150);
  }

  @Test
  void residentSetIsTheSecondWordInPages() throws Exception {
    Files.writeString(process.resolve("statm"), "900 17 3 1 0 30 0\n");
    ByteBuffer pairs = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
    pairs.putLong(33).putLong(1).putLong(6).putLong(65536).putLong(0).putLong(0);
    Files.write(process.resolve("auxv"), pairs.array());
    assertThat(new ProcStatm(process).rss()).isEqualTo(17 * 65536);
  }

  @Test
  void unreadableFilesMeanUnknown() throws Exception {
    assertThat(new ProcStatm(process).rss()).isEqualTo(Resident.UNKNOWN);
    Files.writeString(process.resolve("statm"), "garbage");
    assertThat(new ProcStatm(process).rss()).isEqualTo(Resident.UNKNOWN);
  }

  @Test
  void thisProcessOccupiesAtLeastItsUsedHeap() {
    assumeTrue(Files.exists(Path.of("/proc/self/statm")), "no /proc on this system");
    Resident r = new ResidentProbe().read(0);
    assertThat(r.rss()).isGreaterThan(10 << 20).isEqualTo(r.jvm() + r.unattributed());
    assertThat(r.jvm()).isPositive();
  }
}
