package io.nodedb.mem.sample.vector;

import io.nodedb.mem.Engines;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.lucene.store.BufferedIndexInput;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.store.Lock;

/**
 * An index's finished files in an overflow region, a slot for each; Lucene reads them in place, a
 * buffer at a time, each under a pin of its own. Thread-safe, read-only.
 */
final class RegionDirectory extends Directory {
  /** A file: its slot and its size. */
  record Entry(long slot, long size) {}

  private final OverflowRegion region;
  private final Map<String, Entry> files;

  RegionDirectory(OverflowRegion region, Map<String, Entry> files) {
    this.region = region;
    this.files = new TreeMap<>(files);
  }

  /** Copies the files of another directory into a region. */
  static RegionDirectory copy(Directory from, OverflowRegion region) throws IOException {
    Map<String, Entry> files = new TreeMap<>();
    for (String name : from.listAll()) {
      try (IndexInput in = from.openInput(name, IOContext.DEFAULT)) {
        byte[] bytes = new byte[Math.toIntExact(in.length())];
        in.readBytes(bytes, 0, bytes.length);
        files.put(name, new Entry(region.write(bytes, Engines.VECTOR), bytes.length));
      }
    }
    return new RegionDirectory(region, files);
  }

  Map<String, Entry> files() {
    return files;
  }

  @Override
  public String[] listAll() {
    return files.keySet().toArray(String[]::new);
  }

  @Override
  public long fileLength(String name) throws IOException {
    return entry(name).size();
  }

  private Entry entry(String name) throws NoSuchFileException {
    Entry entry = files.get(name);
    if (entry == null) {
      throw new NoSuchFileException(name);
    }
    return entry;
  }

  @Override
  public IndexInput openInput(String name, IOContext context) throws IOException {
    return new SlotInput(name, entry(name));
  }

  @Override
  public Set<String> getPendingDeletions() {
    return Set.of();
  }

  @Override
  public void deleteFile(String name) {
    throw readOnly();
  }

  @Override
  public IndexOutput createOutput(String name, IOContext context) {
    throw readOnly();
  }

  @Override
  public IndexOutput createTempOutput(String prefix, String suffix, IOContext context) {
    throw readOnly();
  }

  @Override
  public void sync(Collection<String> names) {
    throw readOnly();
  }

  @Override
  public void syncMetaData() {
    throw readOnly();
  }

  @Override
  public void rename(String from, String to) {
    throw readOnly();
  }

  @Override
  public Lock obtainLock(String name) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("segments in a region are finished");
  }

  /** The region is whoever opened it's to close. */
  @Override
  public void close() {}

  /** Reads a slot. Views belong to threads, so none is kept from one buffer to the next. */
  private final class SlotInput extends BufferedIndexInput {
    private final Entry entry;
    private long at;

    SlotInput(String name, Entry entry) {
      super(name, 4096);
      this.entry = entry;
    }

    @Override
    protected void readInternal(ByteBuffer to) throws IOException {
      int size = to.remaining();
      if (at + size > entry.size()) {
        throw new EOFException(this + ": " + (at + size) + " past the end, " + entry.size());
      }
      try (OverflowView view = region.read(entry.slot())) {
        MemorySegment.ofBuffer(to).copyFrom(view.segment().asSlice(at, size));
      }
      to.position(to.limit());
      at += size;
    }

    @Override
    protected void seekInternal(long position) throws IOException {
      if (position > entry.size()) {
        throw new EOFException(this + ": " + position + " past the end, " + entry.size());
      }
      at = position;
    }

    @Override
    public long length() {
      return entry.size();
    }

    @Override
    public void close() {}
  }
}
