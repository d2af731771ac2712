package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Looks at a region's files without mapping or changing them. It takes no lease: beside a writer
 * that checkpoints meanwhile, files may go while it reads and damage may be reported that is none.
 */
public final class RegionTool {
  private static final int CHUNK = 1 << 20;

  private final RegionFiles files;
  private final List<DamageException> damage = new ArrayList<>();

  private RegionTool(RegionFiles files) {
    this.files = files;
  }

  /**
   * Tells what is in a region.
   *
   * @param directory where it is
   * @return the report
   * @throws OverflowException if there is none, or it is damaged
   */
  public static RegionReport inspect(Path directory) {
    RegionFiles files = existing(directory);
    try {
      return new RegionTool(files).report();
    } catch (IOException e) {
      throw files.failed("inspecting", e);
    }
  }

  /**
   * Checks every structure and every payload.
   *
   * @param directory where the region is
   * @return all damage, empty if there is none
   * @throws OverflowException if there is no region
   */
  public static List<DamageException> verify(Path directory) {
    RegionFiles files;
    try {
      files = existing(directory);
    } catch (DamageException e) {
      return List.of(e);
    }
    RegionTool tool = new RegionTool(files);
    try {
      tool.verify();
    } catch (IOException e) {
      throw files.failed("verifying", e);
    }
    return tool.damage;
  }

  private static RegionFiles existing(Path directory) {
    RegionFiles files = new RegionFiles(directory);
    try {
      if (!RegionHead.exists(files)) {
        throw new OverflowException("overflow: there is no region in " + files.directory);
      }
      return files;
    } catch (IOException e) {
      throw files.failed("looking", e);
    }
  }

  private RegionReport report() throws IOException {
    RegionHead head = RegionHead.read(files);
    UUID region = head.superblock().region();
    List<RegionReport.Checkpoint> checkpoints = new ArrayList<>();
    CheckpointLayout latest = null;
    Map<Integer, long[]> engines = new TreeMap<>();
    for (ManifestLayout.Entry entry : head.manifest().entries()) {
      engines.clear();
      latest =
          CheckpointFile.read(
              files, region, entry,
              (index, live, e) -> {
                if (live) {
                  long[] sums = engines.computeIfAbsent(e.engine(), k -> new long[2]);
                  sums[0]++;
                  sums[1] += e.size();
                }
              });
      checkpoints.add(
          new RegionReport.Checkpoint(
              latest.sequence(), latest.created(), latest.slots(), latest.liveSlots(),
              latest.liveBytes()));
    }
    List<RegionReport.Log> logs = new ArrayList<>();
    for (long number : files.numbers("log")) {
      LogScan scan = LogScan.read(files, region, number);
      logs.add(new RegionReport.Log(number, scan.records().size(), scan.durable()));
    }
    Map<String, RegionReport.Engine> byName = new TreeMap<>();
    for (Map.Entry<Integer, long[]> engine : engines.entrySet()) {
      byName.put(
          latest.engines().get(engine.getKey()),
          new RegionReport.Engine(engine.getValue()[0], engine.getValue()[1]));
    }
    Path data = files.data(latest.data());
    try (FileChannel channel = files.open(data, StandardOpenOption.READ)) {
      return new RegionReport(
          files.directory.toString(), region.toString(), head.superblock().created(),
          checkpoints, logs, data.getFileName().toString(), channel.size(), latest.dataEnd(),
          latest.liveSlots(), latest.liveBytes(), byName);
    }
  }

  private void verify() throws IOException {
    Superblocks.readAll(files, damage);
    RegionHead head;
    try {
      head = RegionHead.read(files);
    } catch (DamageException e) {
      note(e);
      return;
    }
    UUID region = head.superblock().region();
    for (ManifestLayout.Entry entry : head.manifest().entries()) {
      verifyCheckpoint(region, entry);
    }
    long number = head.manifest().entries().getFirst().firstLog();
    long last = files.numbers("log").stream().mapToLong(n -> n).max().orElse(number);
    for (; number <= Math.max(last, head.manifest().latest().firstLog()); number++) {
      try {
        LogScan.read(files, region, number);
      } catch (DamageException e) {
        note(e);
      }
    }
    if (damage.isEmpty()) {
      try {
        Recovery.inspect(files); // what is written since fits the checkpoint
      } catch (DamageException e) {
        note(e);
      }
    }
  }

  private void verifyCheckpoint(UUID region, ManifestLayout.Entry entry) throws IOException {
    Path table = files.checkpoint(entry.checkpoint());
    Path data = files.data(entry.data());
    try (FileChannel tableChannel = files.open(table, StandardOpenOption.READ);
        FileChannel dataChannel = files.open(data, StandardOpenOption.READ)) {
      try {
        PayloadFile.check(files, dataChannel, region, entry.data());
      } catch (DamageException e) {
        note(e);
      }
      CheckpointLayout header = CheckpointFile.header(tableChannel, table, region, entry);
      for (int number = 0; number < header.pages(); number++) {
        ByteBuffer page =
            RegionFiles.readFully(
                tableChannel, CheckpointLayout.pageOffset(number), ObjectPageLayout.SIZE, table,
                "object page");
        try {
          CheckpointFile.checkPage(page, table, number, header.sequence());
        } catch (DamageException e) {
          note(e);
          continue;
        }
        CheckpointFile.visit(
            page, number, header.slots(),
            (index, live, e) -> {
              if (live) {
                verifyPayload(dataChannel, data, index, e);
              }
            });
      }
    } catch (DamageException e) {
      note(e);
    }
  }

  private void verifyPayload(FileChannel channel, Path data, int index, TablePage.Entry entry) {
    try {
      if (!intact(channel, entry.offset(), entry.size(), entry.crc())) {
        note(
            new DamageException(
                data, entry.offset(),
                "payload of index " + index + ", generation " + entry.generation() + ", "
                    + entry.size() + " bytes, is damaged or cut off"));
      }
    } catch (IOException e) {
      note(new DamageException(data, entry.offset(), "payload can't be read: " + e.getMessage()));
    }
  }

  /** Whether a payload has the CRC it should have; false if the file ends before it does. */
  static boolean intact(FileChannel data, long offset, long size, int crc) throws IOException {
    CRC32C computed = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(size, 1, CHUNK));
    for (long done = 0; done < size; done += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), size - done));
      if (!RegionFiles.readInto(data, buffer, offset + done)) {
        return false;
      }
      computed.update(buffer.flip());
    }
    return (int) computed.getValue() == crc;
  }

  /** Retained checkpoints share payloads: each place is reported once. */
  private void note(DamageException e) {
    boolean known =
        damage.stream().anyMatch(d -> d.file().equals(e.file()) && d.offset() == e.offset());
    if (!known) {
      damage.add(e);
    }
  }
}
