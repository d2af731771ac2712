package io.nodedb.mem.mapped;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * The only place with downcalls to the C library's file and memory functions. Every wrapper returns
 * what the call returned, or the negated error number ({@link Errno}); none throws for a failed call.
 * Stateless and thread-safe; constants are those of Linux, equal on x86-64 and aarch64 unless noted.
 */
final class LibC {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_TRUNC = 0x200;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
  static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;

  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final int MS_SYNC = 4;
  static final int MADV_NORMAL = 0;
  static final int MADV_RANDOM = 1;
  static final int MADV_SEQUENTIAL = 2;
  static final int MADV_WILLNEED = 3;
  static final int MADV_COLD = 20;
  static final int MADV_PAGEOUT = 21;
  static final int FADV_WILLNEED = 3;
  static final int FADV_DONTNEED = 4;
  static final int SYNC_WAIT_BEFORE = 1;
  static final int SYNC_WRITE = 2;
  static final int SYNC_WAIT_AFTER = 4;
  static final int RESOLVE_NO_MAGICLINKS = 2;
  static final int RESOLVE_BENEATH = 8;

  /** What statx tells of a file. */
  record Stat(long device, long inode, long size, long blocks, int links, boolean regular) {
    /** Whether the file has holes. */
    boolean sparse() {
      return blocks * 512 < size;
    }
  }

  /** Whether this platform has what the package needs. */
  static final boolean SUPPORTED =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
          && (ARM || System.getProperty("os.arch").equals("amd64"));

  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC = 0x7ff;
  private static final long SYS_OPENAT2 = 437;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(StructLayout.PathElement.groupElement("errno"));
  // One errno cell a thread: allocating it per call would cost more than the call.
  private static final ThreadLocal<MemorySegment> CAPTURE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final MethodHandle OPENAT =
      variadic("openat", JAVA_INT, 3, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle SYSCALL =
      variadic("syscall", JAVA_LONG, 1, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle STATX =
      call("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle MMAP =
      call("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = call("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MADVISE =
      call("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MINCORE =
      call("mincore", JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS);
  private static final MethodHandle MSYNC =
      call("msync", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MLOCK = call("mlock", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MUNLOCK = call("munlock", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FALLOCATE =
      call("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle POSIX_FALLOCATE =
      call("posix_fallocate", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FTRUNCATE =
      call("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PWRITE =
      call("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FDATASYNC = call("fdatasync", JAVA_INT, JAVA_INT);
  private static final MethodHandle FADVISE =
      call("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SYNC_RANGE =
      call("sync_file_range", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PAGE_SIZE = call("getpagesize", JAVA_INT);

  /** The size of a page in bytes. */
  static final int PAGE = pageSize();

  private LibC() {}

  private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... args) {
    return link(name, FunctionDescriptor.of(result, args), Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle variadic(
      String name, MemoryLayout result, int fixed, MemoryLayout... args) {
    return link(
        name,
        FunctionDescriptor.of(result, args),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }

  /** Null where the C library has no such function (another system): SUPPORTED is false there. */
  @SuppressWarnings("restricted")
  private static MethodHandle link(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER
        .defaultLookup()
        .find(name)
        .map(address -> LINKER.downcallHandle(address, descriptor, options))
        .orElse(null);
  }

  private static int pageSize() {
    try {
      return PAGE_SIZE == null ? 4096 : (int) PAGE_SIZE.invokeExact(CAPTURE.get());
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Opens a path relative to a directory, any links followed. */
  static int openAt(int directory, String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = CAPTURE.get();
      return result(
          (int)
              OPENAT.invokeExact(
                  state, directory, arena.allocateFrom(path), flags | O_CLOEXEC, mode),
          state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Opens a path, any links followed. */
  static int open(String path, int flags, int mode) {
    return openAt(AT_FDCWD, path, flags, mode);
  }

  /** Opens a path relative to a directory; one that leads out of it fails with EXDEV. */
  static int openBeneath(int directory, String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = CAPTURE.get();
      MemorySegment how = arena.allocate(24, 8);
      how.set(JAVA_LONG, 0, (long) (flags | O_CLOEXEC));
      how.set(JAVA_LONG, 8, (flags & O_CREAT) == 0 ? 0L : mode);
      how.set(JAVA_LONG, 16, (long) (RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS));
      long fd =
          (long)
              SYSCALL.invokeExact(
                  state, SYS_OPENAT2, (long) directory, arena.allocateFrom(path), how, 24L);
      return result((int) fd, state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int close(int fd) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) CLOSE.invokeExact(state, fd), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Asks for an open file's identity and size; null on failure. */
  static Stat stat(int fd) {
    return statx(fd, "", AT_EMPTY_PATH);
  }

  /** Asks for a path's identity and size, links followed; null if there is no such file. */
  static Stat stat(String path) {
    return statx(AT_FDCWD, path, 0);
  }

  private static Stat statx(int fd, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      // struct statx everywhere: nlink 16, mode 28, ino 32, size 40, blocks 48, dev 136/140.
      MemorySegment buffer = arena.allocate(256, 8);
      MemorySegment name = arena.allocateFrom(path);
      if ((int) STATX.invokeExact(CAPTURE.get(), fd, name, flags, STATX_BASIC, buffer) != 0) {
        return null;
      }
      long device =
          ((long) buffer.get(JAVA_INT, 136) << 32) | (buffer.get(JAVA_INT, 140) & 0xffffffffL);
      int mode = buffer.get(JAVA_SHORT, 28) & 0xf000;
      return new Stat(
          device,
          buffer.get(JAVA_LONG, 32),
          buffer.get(JAVA_LONG, 40),
          buffer.get(JAVA_LONG, 48),
          buffer.get(JAVA_INT, 16), mode == 0x8000);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Maps a file shared; the address, or the negated error number. */
  static long mmap(long length, int protection, int fd, long offset) {
    try {
      MemorySegment state = CAPTURE.get();
      long address = (long) MMAP.invokeExact(state, 0L, length, protection, MAP_SHARED, fd, offset);
      return address == -1 ? -errno(state) : address;
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int munmap(long address, long length) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) MUNMAP.invokeExact(state, address, length), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int madvise(long address, long length, int advice) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) MADVISE.invokeExact(state, address, length, advice), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Fills one byte a page; bit 0 says whether the page is in memory. */
  static int mincore(long address, long length, MemorySegment pages) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) MINCORE.invokeExact(state, address, length, pages), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int msync(long address, long length) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) MSYNC.invokeExact(state, address, length, MS_SYNC), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int mlock(long address, long length) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) MLOCK.invokeExact(state, address, length), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int munlock(long address, long length) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) MUNLOCK.invokeExact(state, address, length), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /**
   * Reserves disk space for a range and extends the file to its end. File systems that cannot are
   * served by the C library, which writes to each block; only past {@code size}, since it would
   * otherwise rewrite blocks that are in use.
   */
  static int allocate(int fd, long offset, long length, long size) {
    try {
      MemorySegment state = CAPTURE.get();
      int rc;
      do {
        rc = result((int) FALLOCATE.invokeExact(state, fd, 0, offset, length), state);
      } while (rc == -Errno.EINTR);
      if (rc != -Errno.EOPNOTSUPP) {
        return rc;
      }
      long from = Math.max(offset, size);
      if (from >= offset + length) {
        return 0;
      }
      do {
        rc = -(int) POSIX_FALLOCATE.invokeExact(state, fd, from, offset + length - from);
      } while (rc == -Errno.EINTR);
      return rc;
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int ftruncate(int fd, long size) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) FTRUNCATE.invokeExact(state, fd, size), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Writes at an offset; the bytes written, or the negated error number. */
  static long pwrite(int fd, MemorySegment bytes, long offset) {
    try {
      MemorySegment state = CAPTURE.get();
      long n = (long) PWRITE.invokeExact(state, fd, bytes, bytes.byteSize(), offset);
      return n < 0 ? -errno(state) : n;
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int fdatasync(int fd) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) FDATASYNC.invokeExact(state, fd), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int fadvise(int fd, long offset, long length, int advice) {
    try {
      return -(int) FADVISE.invokeExact(CAPTURE.get(), fd, offset, length, advice);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  static int syncFileRange(int fd, long offset, long length, int flags) {
    try {
      MemorySegment state = CAPTURE.get();
      return result((int) SYNC_RANGE.invokeExact(state, fd, offset, length, flags), state);
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  private static int result(int rc, MemorySegment state) {
    return rc == -1 ? -errno(state) : rc;
  }

  private static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  private static RuntimeException rethrow(Throwable e) {
    if (e instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e);
  }
}
