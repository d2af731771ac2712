package io.nodedb.mem.mapped;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MappingException.Reason;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file, whatever paths lead to it, and the windows over it. The tables of windows are read by
 * any thread, added to under the file's lock, and taken from by the pool under its own: taking is a
 * compare-and-set to null. A table that grows may copy a window the pool is just unmapping; that
 * window's count is closed, so nobody can pin it, and the next to come replaces it.
 */
final class MappedFile {
  /** What identifies a file. */
  record Identity(long device, long inode) {}

  private static final int MAX_WINDOWS = 1 << 24;

  final ReentrantLock lock = new ReentrantLock();
  final Identity identity;
  private final Path path;
  private final WindowGrid grid;

  /** Every path that led here. Guarded by the file table's lock. */
  final Set<Path> paths = new HashSet<>();

  /** Told to each window. */
  volatile MapAdvice advice = MapAdvice.NORMAL;

  /** No longer in the file table: look the path up again. Written under both locks. */
  volatile boolean released;

  private volatile AtomicReferenceArray<Window> table = new AtomicReferenceArray<>(1);
  private final List<Window> spans = new CopyOnWriteArrayList<>();

  // Guarded by the lock.
  int fd = -1;
  boolean fdWritable;
  private long size;

  MappedFile(Path path, Identity identity, WindowGrid grid) {
    this.path = path;
    this.identity = identity;
    this.grid = grid;
  }

  Path path() {
    return path;
  }

  /** A window that covers the range within the file, or null. */
  Window find(long offset, long length, boolean write) {
    long index = grid.index(offset);
    AtomicReferenceArray<Window> windows = table;
    if (index < windows.length()) {
      Window window = windows.get((int) index);
      if (window != null && window.covers(offset, length, write)) {
        return window;
      }
    }
    for (Window window : spans) {
      if (window.covers(offset, length, write)) {
        return window;
      }
    }
    return null;
  }

  /** A window whose mapping covers the range, be it within the file or not; or null. */
  Window findMapped(long offset, long length, boolean write) {
    Window window = at(offset);
    if (window != null && window.spans(offset, length, write)) {
      return window;
    }
    for (Window span : spans) {
      if (span.spans(offset, length, write)) {
        return span;
      }
    }
    return null;
  }

  /** The window in the offset's place of the grid, or null. */
  Window at(long offset) {
    long index = grid.index(offset);
    AtomicReferenceArray<Window> windows = table;
    return index < windows.length() ? windows.get((int) index) : null;
  }

  /** Adds a window. Under the lock. */
  void publish(Window window) {
    window.fileSize(size);
    if (window.span) {
      spans.add(window);
      return;
    }
    long index = grid.index(window.start);
    if (index >= MAX_WINDOWS) {
      throw Errors.make(
          Reason.OUT_OF_RANGE,
          "map",
          path,
          "offset " + window.start + " is window " + index + ": raise mmap.window-size");
    }
    AtomicReferenceArray<Window> windows = table;
    if (index >= windows.length()) {
      int length = (int) Math.max(index + 1, Math.min(MAX_WINDOWS, windows.length() * 2L));
      AtomicReferenceArray<Window> larger = new AtomicReferenceArray<>(length);
      for (int i = 0; i < windows.length(); i++) {
        larger.set(i, windows.get(i));
      }
      larger.set((int) index, window);
      table = larger;
    } else {
      windows.set((int) index, window);
    }
  }

  /** Takes a window out of the tables. Under the pool's lock. */
  void forget(Window window) {
    if (window.span) {
      spans.remove(window);
      return;
    }
    AtomicReferenceArray<Window> windows = table;
    int index = (int) grid.index(window.start);
    if (index < windows.length()) {
      windows.compareAndSet(index, window, null);
    }
  }

  /** Whether any window is in the tables. */
  boolean hasWindows() {
    AtomicReferenceArray<Window> windows = table;
    for (int i = 0; i < windows.length(); i++) {
      if (windows.get(i) != null) {
        return true;
      }
    }
    return !spans.isEmpty();
  }

  long size() {
    return size;
  }

  /** Learns the size. Under the lock. */
  void size(long bytes) {
    if (bytes == size) {
      return;
    }
    size = bytes;
    AtomicReferenceArray<Window> windows = table;
    for (int i = 0; i < windows.length(); i++) {
      Window window = windows.get(i);
      if (window != null) {
        window.fileSize(bytes);
      }
    }
    for (Window window : spans) {
      window.fileSize(bytes);
    }
  }

  /** Extends the file to a size, its space reserved; a failure leaves the size as it was. */
  void grow(long end) {
    int rc = LibC.allocate(fd, size, end - size, size);
    if (rc < 0) {
      LibC.ftruncate(fd, size);
      throw Errors.of("grow to " + end + " bytes", path, rc);
    }
    size(end);
  }

  /** Reserves space for the holes in a range, so that a write can't find the disk full. */
  void fill(long offset, long length) {
    long bytes = Math.min(length, size - offset);
    if (bytes > 0) {
      int rc = LibC.allocate(fd, offset, bytes, size);
      if (rc < 0) {
        throw Errors.of("reserve " + bytes + " bytes at " + offset, path, rc);
      }
    }
  }
}
