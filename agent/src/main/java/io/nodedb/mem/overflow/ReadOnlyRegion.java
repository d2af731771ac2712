package io.nodedb.mem.overflow;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowStatistics;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.Pin;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A reader of one checkpoint. Opening reads two superblocks, the manifest and two header pages,
 * whatever the number of slots; the object table is used where it is, through pinned windows, and a
 * page's CRC is checked when it is first touched. Lock-free.
 */
final class ReadOnlyRegion implements OverflowRegion {
  private static final int ATTEMPTS = 16;

  /** Entries kept after they were read: spares a second pin for slots that are read often. */
  private static final int CACHED = 1024;

  private record CachedEntry(int index, TablePage.Entry entry) {}

  private static final java.lang.foreign.ValueLayout.OfInt INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final java.lang.foreign.ValueLayout.OfLong LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final java.lang.foreign.ValueLayout.OfShort SHORT =
      java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final RegionFiles files;
  private final RegionContext context;
  private final PayloadCheck payloadCheck;
  private final ReaderLeases leases;
  private final CheckpointLayout checkpoint;
  private final Path table;
  private final Path data;
  private final String field;
  private final int tag;
  private final long dataBytes;
  private final long openBytes;
  private final LazyBits goodPages = new LazyBits();
  private final AtomicReferenceArray<CachedEntry> cache = new AtomicReferenceArray<>(CACHED);
  private final LazyBits goodPayloads = new LazyBits();
  private volatile boolean closed;

  private ReadOnlyRegion(
      RegionFiles files, RegionContext context, PayloadCheck payloadCheck, ReaderLeases leases,
      CheckpointLayout checkpoint, long dataBytes, long openBytes) {
    this.files = files;
    this.context = context;
    this.payloadCheck = payloadCheck;
    this.leases = leases;
    this.checkpoint = checkpoint;
    this.table = files.checkpoint(checkpoint.sequence());
    this.data = files.data(checkpoint.data());
    this.field = files.directory.getFileName().toString();
    this.tag = SlotId.tagOf(checkpoint.region());
    this.dataBytes = dataBytes;
    this.openBytes = openBytes;
    context.mappings().advise(data, MapAdvice.RANDOM);
    context.mappings().advise(table, MapAdvice.RANDOM);
  }

  static ReadOnlyRegion open(RegionFiles files, RegionContext context, PayloadCheck check)
      throws IOException {
    ReaderLeases leases = ReaderLeases.forReader(files);
    try {
      for (int i = 0; ; i++) {
        RegionHead head = stableHead(files);
        long latest = head.manifest().latest().checkpoint();
        if (leases != null && !leases.acquire(latest)) {
          continue; // the writer is dropping it: there is a newer one
        }
        boolean opened = false;
        try {
          // Only a manifest read after the lease was taken says that the writer has seen the lease.
          if (leases == null || stillThere(files, latest) || i == ATTEMPTS) {
            ReadOnlyRegion region = open(files, context, check, leases, head);
            opened = true;
            return region;
          }
        } finally {
          if (!opened && leases != null) {
            leases.release(latest);
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      if (leases != null) {
        leases.close();
      }
      throw e;
    }
  }

  private static boolean stillThere(RegionFiles files, long checkpoint) throws IOException {
    return stableHead(files).manifest().entries().stream()
        .anyMatch(entry -> entry.checkpoint() == checkpoint);
  }

  /** The writer may be writing a superblock this moment; what stays damaged is. */
  private static RegionHead stableHead(RegionFiles files) throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        return RegionHead.read(files);
      } catch (DamageException e) {
        Thread.onSpinWait();
      }
    }
    return RegionHead.read(files);
  }

  private static ReadOnlyRegion open(
      RegionFiles files, RegionContext context, PayloadCheck check, ReaderLeases leases,
      RegionHead head)
      throws IOException {
    ManifestLayout.Entry entry = head.manifest().latest();
    UUID region = head.superblock().region();
    Path table = files.checkpoint(entry.checkpoint());
    Path data = files.data(entry.data());
    try (FileChannel tableChannel = files.open(table, StandardOpenOption.READ);
        FileChannel dataChannel = files.open(data, StandardOpenOption.READ)) {
      CheckpointLayout header = CheckpointFile.header(tableChannel, table, region, entry);
      PayloadFile.check(files, dataChannel, region, header.data());
      long bytes = dataChannel.size();
      if (bytes < header.dataEnd()) {
        throw new DamageException(
            data, bytes,
            "data file is " + bytes + " bytes long, checkpoint " + header.sequence() + " needs "
                + header.dataEnd());
      }
      return new ReadOnlyRegion(
          files, context, check, leases, header, bytes,
          head.bytes() + CheckpointLayout.SIZE + DataLayout.SIZE);
    }
  }

  @Override
  public OverflowView read(long slot) {
    requireOpen();
    Payloads.requireTag(slot, tag, files);
    TablePage.Entry entry = cachedEntry(SlotId.index(slot));
    if (entry == null || entry.generation() != SlotId.generation(slot) || entry.birth() == 0) {
      throw Payloads.unknown(slot, entry == null ? 0 : entry.generation(), files);
    }
    String engine = checkpoint.engines().get(entry.engine());
    Pin pin =
        context.mappings()
            .pin(
                data, entry.offset(), entry.size(), MapMode.READ_ONLY, context.owner(), field);
    boolean handedOver = false;
    try {
      int index = SlotId.index(slot);
      if (payloadCheck == PayloadCheck.ALWAYS
          || payloadCheck == PayloadCheck.FIRST_TOUCH && !goodPayloads.get(index)) {
        Payloads.check(pin.segment(), entry, data, slot);
        goodPayloads.set(index);
      }
      OverflowView view = new RegionView(pin, slot, engine, null, 0);
      handedOver = true;
      return view;
    } finally {
      if (!handedOver) {
        pin.close();
      }
    }
  }

  /** As {@link #entry}; a checkpoint never changes, so what was read once stays right. */
  private TablePage.Entry cachedEntry(int index) {
    CachedEntry cached = cache.get(index % CACHED);
    if (cached != null && cached.index() == index) {
      return cached.entry();
    }
    TablePage.Entry entry = entry(index);
    cache.set(index % CACHED, new CachedEntry(index, entry));
    return entry;
  }

  /** The entry of an index, null past the end; its birth is the checkpoint if live, else 0. */
  private TablePage.Entry entry(int index) {
    if (index >= checkpoint.slots()) {
      return null;
    }
    int number = ObjectPageLayout.pageOf(index);
    try (Pin pin =
        context.mappings()
            .pin(
                table, CheckpointLayout.pageOffset(number), ObjectPageLayout.SIZE,
                MapMode.READ_ONLY, context.owner(), field)) {
      MemorySegment page = pin.segment();
      if (!goodPages.get(number)) {
        // A copy: see Crc.ofMapped.
        byte[] copy = page.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        CheckpointFile.checkPage(
            ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN), table, number,
            checkpoint.sequence());
        goodPages.set(number);
      }
      int at = ObjectPageLayout.entryOffset(ObjectPageLayout.entryOf(index));
      byte state =
          page.get(
              java.lang.foreign.ValueLayout.JAVA_BYTE, at + ObjectPageLayout.ENTRY_STATE_OFFSET);
      return new TablePage.Entry(
          page.get(INT, at + ObjectPageLayout.ENTRY_GENERATION_OFFSET),
          page.get(LONG, at + ObjectPageLayout.ENTRY_OFFSET_OFFSET),
          page.get(LONG, at + ObjectPageLayout.ENTRY_SIZE_OFFSET),
          page.get(INT, at + ObjectPageLayout.ENTRY_CRC_OFFSET),
          page.get(SHORT, at + ObjectPageLayout.ENTRY_ENGINE_OFFSET),
          state == ObjectPageLayout.LIVE ? checkpoint.sequence() : 0);
    }
  }

  @Override
  public LongStream slots(String engine) {
    requireOpen();
    int number = engine == null ? -1 : checkpoint.engines().indexOf(engine);
    if (engine != null && number < 0) {
      return LongStream.empty();
    }
    return IntStream.range(0, checkpoint.slots())
        .mapToLong(
            index -> {
              TablePage.Entry entry = entry(index);
              boolean wanted =
                  entry != null && entry.birth() != 0
                      && (number < 0 || entry.engine() == number);
              return wanted ? SlotId.pack(tag, entry.generation(), index) : 0;
            })
        .filter(slot -> slot != 0);
  }

  @Override
  public long write(byte[] payload, String engine) {
    throw refused("write");
  }

  @Override
  public long write(MemorySegment payload, String engine) {
    throw refused("write");
  }

  @Override
  public void free(long slot) {
    throw refused("free");
  }

  @Override
  public void forceCheckpoint() {
    throw refused("forceCheckpoint");
  }

  private OverflowException refused(String what) {
    requireOpen();
    return new OverflowException(
        "overflow: " + what + " refused, region " + files.directory
            + " is open read-only; open it for writing");
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public OverflowStatistics statistics() {
    return new OverflowStatistics(
        checkpoint.liveSlots(), checkpoint.liveBytes(), dataBytes, dataBytes, 0, 0,
        checkpoint.sequence(), 0, openBytes);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    // Whoever deletes the directory and makes another there must not meet old windows.
    try (leases) {
      if (leases == null || leases.release(checkpoint.sequence())) {
        context.mappings().release(table);
      }
      if (leases == null || leases.last()) {
        context.mappings().release(data);
      }
    } catch (IOException e) {
      throw files.failed("closing", e);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw Payloads.closed(files);
    }
  }
}
