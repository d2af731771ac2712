package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Opening for writing: the latest checkpoint, then the logs after it, a torn tail cut off. Reads
 * files with plain reads, never through a mapping: a file that somebody cut short is an exception.
 *
 * <p><b>The tail.</b> Records before the log's durable mark were forced: one that does not check is
 * damage. Behind the mark, records may have reached the disk before the payloads they describe, in
 * a power failure. So payloads of slots that are live at the end and were written behind the mark
 * are checked; at the first that does not check the log is cut, which may bring a slot back that
 * was freed behind the cut, so the question is asked again until the answer stays.
 */
final class Recovery {
  private final RegionFiles files;
  private final RegionHead head;
  private final UUID region;
  private final boolean forced;
  private final ObjectTable table = new ObjectTable();
  private final Extents old = new Extents();
  private final List<String> engines = new ArrayList<>();
  private CheckpointLayout checkpoint;
  private long replayed;
  private Path cutFile;
  private long cutOffset;
  private long nextLsn;

  private Recovery(RegionFiles files, RegionHead head, boolean forced) {
    this.forced = forced;
    this.files = files;
    this.head = head;
    this.region = head.superblock().region();
  }

  /**
   * Recovers a region. The caller holds the writer's lock. Changes no file, but forces data and
   * logs if anything was replayed, so that new records never become durable before old ones.
   *
   * @throws DamageException if a file is not what was written
   */
  static RegionState recover(RegionFiles files) throws IOException {
    return new Recovery(files, RegionHead.read(files), true).run();
  }

  /** The same without forcing anything: to see whether it would succeed. */
  static RegionState inspect(RegionFiles files) throws IOException {
    return new Recovery(files, RegionHead.read(files), false).run();
  }

  private RegionState run() throws IOException {
    ManifestLayout.Entry latest = head.manifest().latest();
    checkpoint = CheckpointFile.read(files, region, latest, this::load);
    engines.addAll(checkpoint.engines());
    nextLsn = checkpoint.startLsn();
    long nextLog;
    Path dataPath = files.data(checkpoint.data());
    try (FileChannel data = files.open(dataPath, StandardOpenOption.READ)) {
      PayloadFile.check(files, data, region, checkpoint.data());
      if (data.size() < checkpoint.dataEnd()) {
        throw new DamageException(
            dataPath, data.size(),
            "data file is " + data.size() + " bytes long, checkpoint " + checkpoint.sequence()
                + " needs " + checkpoint.dataEnd());
      }
      nextLog = replay(data, dataPath);
    }
    table.rebuildFreeIndexes();
    Quarantine quarantine = new Quarantine();
    ExtentAllocator space = space(quarantine);
    return new RegionState(
        region, head.superblock(), head.manifest(), table, space, quarantine,
        new EngineNames(engines), checkpoint.data(), checkpoint.sequence() + 1, nextLog, nextLsn,
        replayed, cutFile, cutOffset);
  }

  private void load(int index, boolean isLive, TablePage.Entry entry) {
    if (isLive) {
      table.put(index, entry, false);
      old.add(entry.offset(), entry.extent());
    } else {
      table.putFree(index, entry.generation());
    }
  }

  /** Replays all logs; returns the number of the next. */
  private long replay(FileChannel data, Path dataPath) throws IOException {
    long number = checkpoint.firstLog();
    LogScan scan = LogScan.read(files, region, number);
    if (scan.startLsn() != nextLsn) {
      throw outOfOrder(scan, nextLsn);
    }
    List<Path> used = new ArrayList<>();
    while (true) {
      boolean more = Files.exists(files.log(number + 1));
      if (scan.followed() && !more) {
        throw new DamageException(files.log(number + 1), 0, "the log is missing");
      }
      LogScan next = more ? LogScan.read(files, region, number + 1) : null;
      LogScan whole = more ? endedBy(scan, next) : cutAtBadPayload(scan, data);
      apply(whole, data.size(), dataPath);
      used.add(scan.path());
      if (!more) {
        noteCut(whole);
        break;
      }
      scan = next;
      number++;
    }
    if (replayed == 0) {
      return number; // the empty log is made anew under its number
    }
    if (forced) {
      force(dataPath);
      for (Path path : used) {
        force(path);
      }
    }
    return number + 1;
  }

  /** The records of a log that another follows: up to where that one starts, all of them. */
  private static LogScan endedBy(LogScan scan, LogScan next) {
    long count = next.startLsn() - scan.startLsn();
    if (count < scan.durable() || count > scan.records().size()) {
      throw outOfOrder(next, scan.startLsn() + scan.records().size());
    }
    return scan.cut((int) count);
  }

  private static DamageException outOfOrder(LogScan scan, long expected) {
    return new DamageException(
        scan.path(), LogLayout.START_LSN_OFFSET,
        "log starts at record " + scan.startLsn() + " instead of " + expected);
  }

  private LogScan cutAtBadPayload(LogScan scan, FileChannel data) throws IOException {
    LogScan result = scan;
    while (true) {
      Map<Integer, Integer> written = new HashMap<>();
      for (int i = scan.durable(); i < result.records().size(); i++) {
        LogScan.Item item = result.records().get(i);
        if (item.type() == LogLayout.WRITE) {
          written.put(item.index(), i);
        } else if (item.type() == LogLayout.FREE) {
          written.remove(item.index());
        }
      }
      int cut = result.records().size();
      for (int i : written.values()) {
        if (i < cut && !intact(data, scan.records().get(i))) {
          cut = i;
        }
      }
      if (cut == result.records().size()) {
        return result;
      }
      result = scan.cut(cut);
    }
  }

  private static boolean intact(FileChannel data, LogScan.Item item) throws IOException {
    return RegionTool.intact(data, item.offset(), item.size(), item.crc());
  }

  private void apply(LogScan scan, long dataSize, Path dataPath) {
    for (int i = 0; i < scan.records().size(); i++) {
      LogScan.Item item = scan.records().get(i);
      boolean fits =
          switch (item.type()) {
            case LogLayout.WRITE -> applyWrite(item, dataSize, dataPath);
            case LogLayout.FREE -> applyFree(item);
            default -> item.index() == engines.size() && engines.add(item.name());
          };
      if (!fits) {
        throw new DamageException(
            scan.path(), LogScan.offsetOf(i),
            "log record " + (scan.startLsn() + i) + " does not fit the table: " + item);
      }
    }
    replayed += scan.records().size();
    nextLsn += scan.records().size();
  }

  private boolean applyWrite(LogScan.Item item, long dataSize, Path dataPath) {
    if (table.live(item.index(), table.generation(item.index()))
        || item.engine() >= engines.size()) {
      return false;
    }
    if (item.offset() + item.size() > dataSize) {
      throw new DamageException(
          dataPath, dataSize,
          "data file is " + dataSize + " bytes long, a payload ends at "
              + (item.offset() + item.size()));
    }
    TablePage.Entry entry =
        new TablePage.Entry(
            item.generation(), item.offset(), item.size(), item.crc(), item.engine(),
            checkpoint.sequence() + 1);
    table.put(item.index(), entry, false);
    return true;
  }

  private boolean applyFree(LogScan.Item item) {
    if (!table.live(item.index(), item.generation())) {
      return false;
    }
    table.free(item.index());
    return true;
  }

  private void noteCut(LogScan scan) {
    if (scan.tornBytes() > 0) {
      cutFile = scan.path();
      cutOffset = LogScan.offsetOf(scan.records().size());
    }
  }

  private void force(Path path) throws IOException {
    try (FileChannel channel = files.open(path, StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }

  /**
   * Rebuilds the places from the live extents. What older checkpoints refer to and is not live any
   * more goes into quarantine; all other gaps are free.
   */
  private ExtentAllocator space(Quarantine quarantine) throws IOException {
    Extents live = new Extents();
    table.forEachLive(
        index -> {
          TablePage page = table.page(ObjectPageLayout.pageOf(index));
          TablePage.Entry entry = page.entry(ObjectPageLayout.entryOf(index));
          live.add(entry.offset(), entry.extent());
        });
    for (ManifestLayout.Entry entry : head.manifest().entries()) {
      if (entry.data() == checkpoint.data() && entry.checkpoint() != checkpoint.sequence()) {
        CheckpointFile.read(
            files, region, entry,
            (index, isLive, e) -> {
              if (isLive) {
                old.add(e.offset(), e.extent());
              }
            });
      }
    }
    live.sort();
    old.sort();
    Extents all = new Extents();
    all.addAll(live);
    for (int i = 0; i < old.size(); i++) {
      boolean again = i > 0 && old.offset(i) == old.offset(i - 1);
      if (!again && !live.contains(old.offset(i))) {
        all.add(old.offset(i), old.bytes(i));
        quarantine.add(
            new Quarantine.Held(
                -1, old.offset(i), old.bytes(i), 0, 0, checkpoint.sequence() + 1));
      }
    }
    all.sort();
    ExtentAllocator space = new ExtentAllocator(DataLayout.SIZE);
    for (int i = 0; i < all.size(); i++) {
      if (all.offset(i) < space.end()) {
        throw new DamageException(
            files.data(checkpoint.data()), all.offset(i),
            "two payloads share bytes of the data file");
      }
      space.skipTo(all.offset(i));
      space.take(all.bytes(i));
    }
    return space;
  }
}
