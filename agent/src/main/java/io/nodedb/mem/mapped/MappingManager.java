package io.nodedb.mem.mapped;

import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import io.nodedb.mem.MappingStatistics;
import io.nodedb.mem.Mappings;
import io.nodedb.mem.Pin;
import io.nodedb.mem.Registration;
import io.nodedb.mem.mapped.MappingListener.Cause;
import io.nodedb.mem.mapped.MappingSnapshot.Field;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Maps files in windows under one budget, so that any number of files share it: a window is mapped
 * when a range of it is pinned, stays mapped as long as there is room, and is the first to go when
 * it was not used for longest. Thread-safe; a pin belongs to the thread that made it.
 *
 * <p>The bytes mapped never exceed the budget. A pin that finds its window mapped takes no lock:
 * it looks the path up, counts itself on the window (see {@link PinCount}) and hands out a segment
 * of its own scope (see {@link ConfinedPin}). All else is {@link WindowMapper}'s.
 *
 * <p>A range across a boundary between windows is served by a mapping of its own, just its pages,
 * which counts like any window and is reused by ranges within it. (Two adjacent windows would not
 * do: they lie apart in memory, and a segment is contiguous.)
 *
 * <p>A file that another program truncates under a mapping raises {@link InternalError} where its
 * bytes are touched. A pin looks at the file's size when it maps a window and when the last
 * look is more than 100 ms of {@linkplain #tick ticks} ago.
 */
public final class MappingManager implements Mappings, AutoCloseable {
  private final MappingSettings settings;
  private final AccountSource accounts;
  private final WindowPool pool;
  private final FileTable files;
  private final WindowMapper mapper;
  private final WindowCare care;
  private final Map<Field, FieldCounters> fields = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * Makes a manager.
   *
   * @param settings its bounds; a window size above the budget is lowered to it
   * @param accounts who pays for windows
   * @param clock nanoseconds, such as {@code System::nanoTime}
   * @throws MappingException on systems other than Linux
   */
  public MappingManager(MappingSettings settings, AccountSource accounts, LongSupplier clock) {
    if (!LibC.SUPPORTED) {
      throw Errors.make(
          Reason.UNSUPPORTED,
          "map files on",
          System.getProperty("os.name") + " " + System.getProperty("os.arch"),
          "mapped memory needs Linux on x86-64 or aarch64");
    }
    this.settings = Objects.requireNonNull(settings);
    this.accounts = Objects.requireNonNull(accounts);
    WindowGrid grid = new WindowGrid(settings);
    this.pool = new WindowPool(settings, clock);
    this.files = new FileTable(settings.maxFiles(), grid);
    this.mapper = new WindowMapper(settings, files, pool, grid, this::owner);
    this.care = new WindowCare(settings, pool);
  }

  /**
   * Whether this platform can map files at all.
   *
   * @return true on Linux on x86-64 and aarch64
   */
  public static boolean supported() {
    return LibC.SUPPORTED;
  }

  /**
   * Makes the pin at one place, whatever way its window was found, and does little else: that lets
   * the compiler put this into its caller and leave pin, arena and segment out of the heap.
   */
  @Override
  public Pin pin(Path file, long offset, long length, MapMode mode, String engine, String field) {
    boolean write = mode == MapMode.READ_WRITE;
    int cell = PinCount.cell();
    Window window = mapper.pin(file, offset, length, write, engine, field, cell);
    try {
      return ConfinedPin.of(pool, window, cell, offset, length, write);
    } catch (Throwable e) {
      window.pins.unpin(cell);
      pool.unpinned();
      throw e;
    }
  }

  private void checkOpen() {
    if (closed) {
      throw Errors.make(Reason.CLOSED, "use", "the mapping manager", "it is closed");
    }
  }

  private FieldCounters owner(String engine, String field) {
    checkOpen();
    return fields.computeIfAbsent(
        new Field(engine, field),
        key -> new FieldCounters(engine, field, accounts.account(engine)));
  }

  @Override
  public void prefetch(Path file, long offset, long length) {
    checkOpen();
    for (; ; ) {
      MappedFile known = files.resolve(file, false);
      known.lock.lock();
      try {
        if (!known.released) {
          LibC.Stat stat = files.check(known, file);
          known.size(stat.size());
          files.ensureOpen(known, file, false);
          care.prefetch(known, offset, Math.min(length, stat.size() - offset));
          return;
        }
      } finally {
        known.lock.unlock();
      }
    }
  }

  @Override
  public void advise(Path file, MapAdvice advice) {
    files.advise(file, advice);
    MappedFile known = files.known(file);
    if (known != null) {
      care.advise(known, advice);
    }
  }

  @Override
  public void release(Path file) {
    files.forgetAdvice(file);
    MappedFile known = files.known(file);
    if (known == null) {
      return;
    }
    Evicted evicted = new Evicted();
    known.lock.lock();
    try {
      files.forget(known);
      for (Window window : pool.windows()) {
        if (window.file == known) {
          pool.retire(window, Cause.CLOSED, evicted);
        }
      }
    } finally {
      known.lock.unlock();
      pool.settle(evicted);
    }
  }

  @Override
  public void addRoot(Path directory) {
    files.opener.addRoot(directory);
  }

  /** Lets time pass for the windows' ages; to be called about once a second. */
  public void tick() {
    pool.tick();
  }

  @Override
  public long releaseCold(Duration age) {
    Evicted evicted = new Evicted();
    try {
      pool.evictCold(age.toNanos(), evicted);
    } finally {
      pool.settle(evicted);
    }
    return evicted.bytes();
  }

  /**
   * Unmaps unpinned windows, least recently used first.
   *
   * @param engine whose, or null for anybody's
   * @param bytes how many bytes to free
   * @return bytes unmapped
   */
  public long release(String engine, long bytes) {
    Evicted evicted = new Evicted();
    try {
      pool.evictEngine(engine, bytes, evicted);
    } finally {
      pool.settle(evicted);
    }
    return evicted.bytes();
  }

  @Override
  public long pageOutCold(Duration age) {
    return care.advise(age, LibC.MADV_PAGEOUT);
  }

  /**
   * Tells the kernel that the pages of windows not used for some time are the first to reclaim.
   * Needs Linux 5.4.
   *
   * @param age how long
   * @return bytes of the windows marked
   */
  public long markCold(Duration age) {
    return care.advise(age, LibC.MADV_COLD);
  }

  @Override
  public Registration lockHot(
      Path file, long offset, long length, String engine, String field) {
    int cell = PinCount.cell();
    Window window = mapper.pin(file, offset, length, false, engine, field, cell);
    try {
      if (window == Window.NOTHING) {
        throw Errors.make(Reason.OUT_OF_RANGE, "lock", file, "length 0: a range has at least 1 byte");
      }
      return care.lock(window);
    } finally {
      window.pins.unpin(cell);
      pool.unpinned();
    }
  }

  @Override
  public long residentBytes(String engine) {
    return care.resident(engine);
  }

  /**
   * Tells a listener of every window unmapped from now on.
   *
   * @param listener the listener
   * @return ends it
   */
  public Registration addListener(MappingListener listener) {
    pool.addListener(listener);
    return () -> pool.removeListener(listener);
  }

  @Override
  public long mappedBytes() {
    return pool.mapped();
  }

  @Override
  public long budget() {
    return settings.budget();
  }

  @Override
  public MappingStatistics statistics(String engine) {
    MappingSnapshot now = snapshot();
    return engine == null
        ? now.total()
        : now.engines().getOrDefault(engine, MappingStatistics.ZERO);
  }

  @Override
  public MappingStatistics statistics(String engine, String field) {
    return snapshot().fields().getOrDefault(new Field(engine, field), MappingStatistics.ZERO);
  }

  @Override
  public WritableByteChannel writeBehind(Path file, long maxDirty) {
    return DropBehindWriter.create(file, maxDirty);
  }

  /**
   * The figures now.
   *
   * @return a copy; the windows and their owners are consistent with each other
   */
  public MappingSnapshot snapshot() {
    Map<Field, MappingStatistics> byField = pool.stats(fields);
    Map<String, MappingStatistics> byEngine = new HashMap<>();
    MappingStatistics total = MappingStatistics.ZERO;
    for (Map.Entry<Field, MappingStatistics> entry : byField.entrySet()) {
      byEngine.merge(entry.getKey().engine(), entry.getValue(), MappingStatistics::plus);
      total = total.plus(entry.getValue());
    }
    return new MappingSnapshot(
        settings.budget(),
        total,
        Map.copyOf(byEngine),
        byField,
        files.files(),
        files.openFiles(),
        mapper.refusals(),
        care.lockedBytes());
  }

  /**
   * Unmaps everything that is not pinned and closes the files; later pins are refused. What is
   * still pinned stays mapped until this is called again after its pin has ended.
   */
  @Override
  public void close() {
    closed = true;
    care.unlockAll();
    Evicted evicted = new Evicted();
    try {
      for (MappedFile file : files.all()) {
        file.lock.lock();
        try {
          files.forget(file);
        } finally {
          file.lock.unlock();
        }
      }
      pool.evictAll(Cause.CLOSED, evicted);
    } finally {
      pool.settle(evicted);
    }
  }
}
