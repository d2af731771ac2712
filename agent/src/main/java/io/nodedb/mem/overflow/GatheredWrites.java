package io.nodedb.mem.overflow;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.mapped.PositionalWriter;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Small payloads that lie one after the other in the data file, gathered in memory so that one call
 * writes many: a call for each 4 KiB takes five times as long as one for every 256 KiB.
 *
 * <p>A <em>chunk</em> is a range of the file under way. The last one is appended to; one that is
 * full, or that the next payload does not continue, is sealed and written by whoever sealed it, or
 * by whoever needs it first: a reader, or the committer, who writes every chunk before it writes
 * the log, so that no record is ever ahead of its payload. At most {@link #MOST} chunks exist; when
 * all are in use the caller writes its payload by itself.
 *
 * <p>Appending is guarded by the region's lock, writing by the chunk's monitor, which is innermost.
 * A slot becomes readable after its payload is in a chunk that {@code pending} names, and a chunk
 * leaves {@code pending} after it was written: a reader who finds no chunk finds the bytes in the
 * file.
 */
final class GatheredWrites {
  /** Largest payload that is gathered: the copy is made under the region's lock. */
  private static final int LARGEST = 32 << 10;

  /** No chunk is free. */
  static final long NONE = -1;

  private static final int MOST = 2;

  /** One range of the file; each has its life once, its memory is used again. */
  private static final class Chunk {
    final long base;
    final MemorySegment memory;
    final ByteBuffer bytes;

    /** Bytes in it. Written under the region's lock, after the bytes. */
    volatile int end;

    /** Nothing is appended any more; {@code end} stays. Written under the region's lock. */
    volatile boolean sealed;

    /** Bytes that are in the file. Written under the monitor. */
    volatile int written;

    boolean gone; // guarded by the monitor

    Chunk(long base, MemorySegment memory) {
      this.base = base;
      this.memory = memory;
      this.bytes = memory.asByteBuffer();
    }

    boolean holds(long offset) {
      return offset - base < end && offset - base >= written;
    }
  }

  private final PositionalWriter writer;
  private volatile List<Chunk> pending = List.of();
  private volatile boolean anySealed;
  private Chunk current; // guarded by the region's lock

  GatheredWrites(PositionalWriter writer) {
    this.writer = writer;
  }

  /** Whether payloads of this size are gathered. */
  static boolean takes(long size) {
    return size > 0 && size <= LARGEST;
  }

  /**
   * Appends a copy of a payload of a size that it takes. Holds the region's lock.
   *
   * @param offset where its extent starts in the file
   * @return its checksum as an unsigned number, or {@link #NONE}
   */
  long append(long offset, MemorySegment payload) {
    int size = (int) payload.byteSize();
    int extent = (int) DataLayout.aligned(size);
    Chunk chunk = current;
    if (chunk == null
        || offset != chunk.base + chunk.end
        || extent > PositionalWriter.PIECE - chunk.end) {
      chunk = next(offset);
      if (chunk == null) {
        return NONE;
      }
    }
    int at = chunk.end;
    MemorySegment.copy(payload, 0, chunk.memory, at, size);
    for (int i = size; i < extent; i++) {
      chunk.bytes.put(at + i, (byte) 0); // what was written there last is none of this file's
    }
    CRC32C crc = new CRC32C();
    crc.update(chunk.bytes.limit(at + size).position(at));
    chunk.bytes.clear();
    chunk.end = at + extent;
    return crc.getValue();
  }

  private Chunk next(long offset) {
    if (current != null) {
      current.sealed = true;
      anySealed = true;
      current = null;
    }
    if (pending.size() >= MOST) {
      return null;
    }
    MemorySegment memory = writer.borrowPiece();
    if (memory == null) {
      return null;
    }
    Chunk chunk = new Chunk(offset, memory);
    synchronized (this) {
      List<Chunk> more = new ArrayList<>(pending);
      more.add(chunk);
      pending = List.copyOf(more);
    }
    current = chunk;
    return chunk;
  }

  /** Writes what is sealed. A chunk that the disk refuses stays, and the committer meets it. */
  void writeSealed() {
    if (!anySealed) {
      return;
    }
    anySealed = false;
    for (Chunk chunk : pending) {
      if (chunk.sealed) {
        try {
          write(chunk);
        } catch (MappingException e) {
          anySealed = true;
        }
      }
    }
  }

  /**
   * Writes everything that was appended before.
   *
   * @throws MappingException if the disk refuses; it may be tried again
   */
  void writeAll() {
    for (Chunk chunk : pending) {
      write(chunk);
    }
  }

  /**
   * Makes sure that a payload is in the file.
   *
   * @throws MappingException if the disk refuses
   */
  void settle(long offset) {
    for (Chunk chunk : pending) {
      if (chunk.holds(offset)) {
        write(chunk);
      }
    }
  }

  private void write(Chunk chunk) {
    synchronized (chunk) {
      boolean last = chunk.sealed; // before end, which is final only then
      int end = chunk.end;
      if (chunk.gone) {
        return;
      }
      if (chunk.written < end) {
        int from = chunk.written;
        writer.write(chunk.base + from, chunk.memory.asSlice(from, end - from));
        chunk.written = end;
      }
      if (last) {
        chunk.gone = true;
        forget(chunk);
      }
    }
  }

  private synchronized void forget(Chunk chunk) {
    pending = pending.stream().filter(other -> other != chunk).toList();
    writer.giveBackPiece(chunk.memory);
  }
}
