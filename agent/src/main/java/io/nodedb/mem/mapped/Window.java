package io.nodedb.mem.mapped;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One mapping of a part of a file. Fields without a note are final or guarded by the pool's lock.
 */
final class Window {
  private static final VarHandle LAST_USE;
  private static final VarHandle VALID;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LAST_USE = lookup.findVarHandle(Window.class, "lastUse", long.class);
      VALID = lookup.findVarHandle(Window.class, "valid", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What a pin of no bytes holds: no file's, and in no pool. */
  static final Window NOTHING =
      new Window(null, null, 0, 0, Arena.global().allocate(Long.BYTES).address(), true, false);

  final MappedFile file;
  final FieldCounters owner;
  final long start;
  final long bytes;
  final long address;
  final boolean writable;

  /** A mapping across a boundary between windows, made for one range. */
  final boolean span;

  final PinCount pins = new PinCount();

  /** The whole mapping, alive for ever: what is handed out is narrowed to a pin's scope. */
  final MemorySegment base;

  final MemorySegment readOnlyBase;

  /** When it was last pinned, in the pool's stamps. Opaque: a lost update costs a little order. */
  private long lastUse;

  /** Bytes from the start that lie within the file. Written under the file's lock, read opaque. */
  private long valid;

  /** Stamp of the last look at the file's size. Written under the file's lock; benign race. */
  long checked;

  /** Another window has its place: first to go. */
  boolean retired;

  /** Locks on it; a locked window is not evicted. */
  int locks;

  /** Its place in the pool's list. */
  int slot = -1;

  /** The last use as it was when the pool began to sort: a stable key. */
  long sortKey;

  @SuppressWarnings("restricted")
  Window(
      MappedFile file,
      FieldCounters owner,
      long start,
      long bytes,
      long address,
      boolean writable,
      boolean span) {
    this.file = file;
    this.owner = owner;
    this.start = start;
    this.bytes = bytes;
    this.address = address;
    this.writable = writable;
    this.span = span;
    this.base = MemorySegment.ofAddress(address).reinterpret(bytes);
    this.readOnlyBase = base.asReadOnly();
  }

  /** Whether the range is mapped and, as far as known, within the file. */
  boolean covers(long offset, long length, boolean write) {
    return offset >= start
        && offset - start <= (long) VALID.getOpaque(this) - length
        && (writable || !write);
  }

  /** Whether the range is mapped, be it within the file or not. */
  boolean spans(long offset, long length, boolean write) {
    return offset >= start && offset - start <= bytes - length && (writable || !write);
  }

  /** Learns the file's size. */
  void fileSize(long size) {
    VALID.setOpaque(this, Math.max(0, Math.min(bytes, size - start)));
  }

  long lastUse() {
    return (long) LAST_USE.getOpaque(this);
  }

  void lastUse(long stamp) {
    LAST_USE.setOpaque(this, stamp);
  }
}
