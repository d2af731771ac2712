package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Which checkpoints readers look at. A reader of checkpoint n holds a shared lock on byte n of the
 * file {@code READERS}; the writer asks whether it could lock that byte itself. A reader that dies
 * loses its lock with its process, so nothing is held back for nobody.
 *
 * <p>POSIX locks belong to the process and are dropped when any channel of the file is closed, so
 * all readers and the writer of one process share one channel and count here. All methods are
 * guarded by the class: they run when a region is opened, closed or checkpointed.
 */
final class ReaderLeases implements AutoCloseable {
  private static final Map<Path, Shared> OPEN = new HashMap<>();

  /** One process's channel of one READERS file. Guarded by the class. */
  private static final class Shared {
    final FileChannel channel;
    int users;
    final Map<Long, Integer> counts = new HashMap<>();
    final Map<Long, FileLock> locks = new HashMap<>();

    Shared(FileChannel channel) {
      this.channel = channel;
    }
  }

  private final Path key;
  private final Shared shared;
  private boolean closed;

  private ReaderLeases(Path key, Shared shared) {
    this.key = key;
    this.shared = shared;
  }

  /** For the writer: makes the file. */
  static ReaderLeases forWriter(RegionFiles files) throws IOException {
    return open(files, true);
  }

  /** For a reader; null if the region has no such file: a copy, which no writer works on. */
  static ReaderLeases forReader(RegionFiles files) throws IOException {
    return Files.exists(files.readers()) ? open(files, false) : null;
  }

  private static ReaderLeases open(RegionFiles files, boolean create) throws IOException {
    synchronized (ReaderLeases.class) {
      Path key = files.directory.toRealPath();
      Shared shared = OPEN.get(key);
      if (shared == null) {
        shared = new Shared(channel(files, create));
        OPEN.put(key, shared);
      }
      shared.users++;
      return new ReaderLeases(key, shared);
    }
  }

  private static FileChannel channel(RegionFiles files, boolean create) throws IOException {
    if (create) {
      return files.openOrCreate(files.readers());
    }
    try {
      return files.open(files.readers(), StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      return files.open(files.readers(), StandardOpenOption.READ);
    } catch (FileSystemException e) {
      // A read-only file system has no exception of its own. A shared lock needs no more than this.
      return files.open(files.readers(), StandardOpenOption.READ);
    }
  }

  /** Takes a lease; false if the writer is dropping that checkpoint this very moment. */
  boolean acquire(long checkpoint) throws IOException {
    // An interrupt would close the channel and drop the locks of the whole process.
    boolean interrupted = Thread.interrupted();
    try {
      return acquireQuietly(checkpoint);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean acquireQuietly(long checkpoint) throws IOException {
    synchronized (ReaderLeases.class) {
      Integer count = shared.counts.get(checkpoint);
      if (count == null) {
        FileLock lock = shared.channel.tryLock(checkpoint, 1, true);
        if (lock == null) {
          return false;
        }
        shared.locks.put(checkpoint, lock);
      }
      shared.counts.merge(checkpoint, 1, Integer::sum);
      return true;
    }
  }

  /** Gives a lease back; true if it was this process's last on that checkpoint. */
  boolean release(long checkpoint) throws IOException {
    synchronized (ReaderLeases.class) {
      if (shared.counts.merge(checkpoint, -1, Integer::sum) > 0) {
        return false;
      }
      shared.counts.remove(checkpoint);
      shared.locks.remove(checkpoint).release();
      return true;
    }
  }

  /** Whether any reader, here or in another process, holds a lease. For the writer. */
  boolean leased(long checkpoint) throws IOException {
    synchronized (ReaderLeases.class) {
      if (shared.counts.containsKey(checkpoint)) {
        return true;
      }
      try (FileLock lock = shared.channel.tryLock(checkpoint, 1, false)) {
        return lock == null;
      } catch (OverlappingFileLockException e) {
        return true; // a reader of this process, from another class loader
      }
    }
  }

  /** Whether nobody else in this process uses the region. */
  boolean last() {
    synchronized (ReaderLeases.class) {
      return shared.users == 1;
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (ReaderLeases.class) {
      if (closed) {
        return;
      }
      closed = true;
      if (--shared.users == 0) {
        OPEN.remove(key);
        shared.channel.close();
      }
    }
  }
}
