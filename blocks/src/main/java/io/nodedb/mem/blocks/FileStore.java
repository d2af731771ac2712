package io.nodedb.mem.blocks;

import io.nodedb.mem.OverflowException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that grows at its end. Space is used again only when all slots are free, and then all of it:
 * what a query spills is read back once and in full.
 */
final class FileStore implements SpillStore {
  /** No buffer reaches further. */
  private static final long STRIDE = 1L << 30;

  private record Extent(long offset, long length) {}

  private final Path file;
  private final FileChannel channel;
  private final Map<Long, Extent> slots = new ConcurrentHashMap<>();

  /** Guarded by this, as is the next. */
  private long end;

  private long nextSlot = 1;

  private FileStore(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static FileStore open(Path directory) {
    try {
      Files.createDirectories(directory);
      Path file = Files.createTempFile(directory, "spilled", ".bin");
      return new FileStore(
          file,
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      throw new OverflowException("no spill file in " + directory + ": " + e, e);
    }
  }

  @Override
  public long write(MemorySegment bytes) {
    long slot;
    Extent extent;
    synchronized (this) {
      slot = nextSlot++;
      extent = new Extent(end, bytes.byteSize());
      end += extent.length();
      slots.put(slot, extent);
    }
    try {
      transfer(bytes, extent.offset(), channel::write);
      return slot;
    } catch (OverflowException e) {
      free(slot);
      throw e;
    }
  }

  @Override
  public void read(long slot, long offset, MemorySegment into) {
    Extent extent = slots.get(slot);
    if (extent == null || offset < 0 || into.byteSize() > extent.length() - offset) {
      throw new OverflowException(
          "spill file " + file + ": slot " + slot + ", bytes " + offset + " to "
              + (offset + into.byteSize()) + " (expected: within "
              + (extent == null ? "a known slot" : extent.length() + " bytes") + ")");
    }
    transfer(into, extent.offset() + offset, channel::read);
  }

  @Override
  public synchronized void free(long slot) {
    if (slots.remove(slot) == null) {
      throw new OverflowException("spill file " + file + ": slot " + slot + " is unknown");
    }
    if (slots.isEmpty()) {
      end = 0;
      try {
        channel.truncate(0);
      } catch (IOException e) {
        throw new OverflowException("spill file " + file + ": " + e, e);
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new OverflowException("spill file " + file + ": " + e, e);
    }
  }

  @FunctionalInterface
  private interface Move {
    int move(ByteBuffer bytes, long position) throws IOException;
  }

  private void transfer(MemorySegment bytes, long position, Move move) {
    try {
      for (long done = 0; done < bytes.byteSize(); ) {
        long length = Math.min(STRIDE, bytes.byteSize() - done);
        int moved = move.move(bytes.asSlice(done, length).asByteBuffer(), position + done);
        if (moved < 0) {
          throw new IOException("ends at byte " + (position + done));
        }
        done += moved;
      }
    } catch (IOException e) {
      throw new OverflowException("spill file " + file + ": " + e, e);
    }
  }
}
