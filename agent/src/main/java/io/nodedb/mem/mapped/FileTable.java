package io.nodedb.mem.mapped;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import io.nodedb.mem.mapped.MappedFile.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The files known, by path and by identity, and which of them are open. At most {@code maxFiles}
 * stay open, plus one for each thread that is just mapping; the least recently opened is closed
 * first. A file that is neither open nor mapped is forgotten in time.
 *
 * <p>Locks: a file's, then the table's. A file to be closed for room is only tried.
 */
final class FileTable {
  private final int maxFiles;
  private final WindowGrid grid;
  private final ReentrantLock lock = new ReentrantLock();

  /** Read by every pin; written under the lock. */
  private final Map<Path, MappedFile> byPath = new ConcurrentHashMap<>();

  /** What is said of files by path, known yet or not. */
  private final Map<Path, MapAdvice> advices = new ConcurrentHashMap<>();

  // Guarded by the lock.
  private final Map<Identity, MappedFile> byIdentity = new HashMap<>();
  private final LinkedHashSet<MappedFile> open = new LinkedHashSet<>();
  private int sweepAt;

  final PathOpener opener = new PathOpener();

  FileTable(int maxFiles, WindowGrid grid) {
    this.maxFiles = maxFiles;
    this.grid = grid;
    this.sweepAt = Math.max(1024, 2 * maxFiles);
  }

  MappedFile known(Path path) {
    return byPath.get(path);
  }

  /** The file a path leads to, found or, for writing, created. */
  MappedFile resolve(Path path, boolean write) {
    MappedFile known = byPath.get(path);
    if (known != null) {
      return known;
    }
    int flags = write ? LibC.O_RDWR | LibC.O_CREAT : LibC.O_RDONLY;
    int fd = openWithRoom(path, flags);
    LibC.Stat stat = LibC.stat(fd);
    if (stat == null || !stat.regular()) {
      LibC.close(fd);
      throw Errors.make(Reason.IO, "open", path, "not a regular file");
    }
    lock.lock();
    try {
      sweep();
      Identity identity = new Identity(stat.device(), stat.inode());
      MappedFile file = byIdentity.get(identity);
      if (file == null) {
        file = new MappedFile(path, identity, grid);
        file.advice = advices.getOrDefault(path, MapAdvice.NORMAL);
        file.fd = fd; // nobody else has it yet
        file.fdWritable = write;
        byIdentity.put(identity, file);
        open.add(file);
      } else {
        LibC.close(fd);
      }
      file.paths.add(path);
      byPath.put(path, file);
      return file;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Looks at the file's state on disk. Under the file's lock.
   *
   * @throws MappingException if the path no longer leads to it; the file is forgotten then, so that
   *     the next use of the path begins anew
   */
  LibC.Stat check(MappedFile file, Path path) {
    LibC.Stat stat = LibC.stat(path.toAbsolutePath().normalize().toString());
    if (stat == null) {
      forget(file);
      throw Errors.make(
          Reason.VANISHED,
          "pin",
          path,
          "the file was deleted: release() a file before deleting it");
    }
    if (!file.identity.equals(new Identity(stat.device(), stat.inode()))) {
      forget(file);
      throw Errors.make(
          Reason.VANISHED,
          "pin",
          path,
          "another file has its name: release() a file before replacing it");
    }
    return stat;
  }

  /** Makes sure that the file is open. Under the file's lock. */
  void ensureOpen(MappedFile file, Path path, boolean write) {
    if (file.fd >= 0 && (file.fdWritable || !write)) {
      return;
    }
    int fd = openWithRoom(path, write ? LibC.O_RDWR : LibC.O_RDONLY);
    LibC.Stat stat = LibC.stat(fd);
    if (stat == null || !file.identity.equals(new Identity(stat.device(), stat.inode()))) {
      LibC.close(fd);
      check(file, path);
      throw Errors.make(Reason.VANISHED, "open", path, "the file was replaced just now");
    }
    if (file.fd >= 0) {
      LibC.close(file.fd);
    }
    file.fd = fd;
    file.fdWritable = write;
    lock.lock();
    try {
      open.add(file);
    } finally {
      lock.unlock();
    }
  }

  private int openWithRoom(Path path, int flags) {
    closeEldest(maxFiles - 1);
    int fd = opener.open(path, flags, 0600);
    if (fd == -Errno.EMFILE || fd == -Errno.ENFILE) {
      closeEldest(0);
      fd = opener.open(path, flags, 0600);
    }
    if (fd < 0) {
      throw Errors.of("open", path, fd);
    }
    return fd;
  }

  /** Closes files until so many are open; those in use at the moment are passed over. */
  private void closeEldest(int keep) {
    lock.lock();
    try {
      Iterator<MappedFile> eldest = open.iterator();
      while (open.size() > keep && eldest.hasNext()) {
        MappedFile file = eldest.next();
        if (!file.lock.isHeldByCurrentThread() && file.lock.tryLock()) {
          try {
            closeFile(file);
            eldest.remove();
          } finally {
            file.lock.unlock();
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static void closeFile(MappedFile file) {
    if (file.fd >= 0) {
      LibC.close(file.fd);
      file.fd = -1;
    }
  }

  void advise(Path path, MapAdvice advice) {
    advices.put(path, advice);
    MappedFile file = byPath.get(path);
    if (file != null) {
      file.advice = advice;
    }
  }

  void forgetAdvice(Path path) {
    advices.remove(path);
  }

  /** Forgets a file and closes it. Under the file's lock. */
  void forget(MappedFile file) {
    lock.lock();
    try {
      file.released = true;
      byIdentity.remove(file.identity, file);
      file.paths.forEach(path -> byPath.remove(path, file));
      open.remove(file);
      closeFile(file);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the files that are neither open nor mapped, now and then. */
  private void sweep() {
    if (byIdentity.size() < sweepAt) {
      return;
    }
    for (MappedFile file : List.copyOf(byIdentity.values())) {
      if (!open.contains(file) && !file.hasWindows() && file.lock.tryLock()) {
        try {
          if (file.fd < 0 && !file.hasWindows()) {
            forget(file);
          }
        } finally {
          file.lock.unlock();
        }
      }
    }
    sweepAt = Math.max(1024, 2 * Math.max(maxFiles, byIdentity.size()));
  }

  List<MappedFile> all() {
    lock.lock();
    try {
      return new ArrayList<>(byIdentity.values());
    } finally {
      lock.unlock();
    }
  }

  int files() {
    lock.lock();
    try {
      return byIdentity.size();
    } finally {
      lock.unlock();
    }
  }

  int openFiles() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }
}
