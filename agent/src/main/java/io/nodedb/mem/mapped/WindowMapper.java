package io.nodedb.mem.mapped;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MapAdvice;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.mapped.MappingListener.Cause;
import io.nodedb.mem.mapped.WindowGrid.Place;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;

/**
 * Finds the window of a range, mapped already; or the slow way: opens the file, extends it, makes
 * room, maps.
 *
 * <p>Order of things, and why: under the file's lock the engine's account is asked whether it has
 * room right now; the pool counts the bytes (evicting what it must); the disk space is reserved;
 * and only then the window is mapped. Whatever fails undoes what went before. An account without
 * room is asked again with no lock held, since the breach order may run spill handlers that come
 * back here, or wait; then everything is looked at anew.
 *
 * <p>An engine may have less room than a window takes: then a piece of it is mapped, and at last
 * just the pages of the range, before the breach order begins.
 */
final class WindowMapper {
  /** What is mapped at once, in bytes, where an engine has no room for a window. */
  private static final long[] GRAINS = {1L << 20, LibC.PAGE};

  /** A range to be pinned, for whom. */
  private record Request(Path path, long offset, long length, boolean write, FieldCounters owner) {
    long end() {
      return offset + length;
    }
  }

  private final MappingSettings settings;
  private final FileTable files;
  private final WindowPool pool;
  private final WindowGrid grid;
  private final BiFunction<String, String, FieldCounters> owners;
  private final LongAdder refusals = new LongAdder();

  /**
   * Makes one.
   *
   * @param owners who maps, by engine and field; raises once nobody may map any more
   */
  WindowMapper(
      MappingSettings settings,
      FileTable files,
      WindowPool pool,
      WindowGrid grid,
      BiFunction<String, String, FieldCounters> owners) {
    this.settings = settings;
    this.files = files;
    this.pool = pool;
    this.grid = grid;
    this.owners = owners;
  }

  long refusals() {
    return refusals.sum();
  }

  /**
   * Pins a range, mapping it if need be. Finding a window that is mapped takes no lock.
   *
   * <p>It is one method on purpose, too large for HotSpot to put into its callers (above {@code
   * FreqInlineSize}, 325 bytecodes): with it, {@link MappingManager#pin} would itself be too large
   * once compiled, and each pin would take 160 bytes of heap and half as long again.
   *
   * @param cell the calling thread's, see {@link PinCount#cell}
   * @return a window pinned at that cell
   */
  Window pin(
      Path path, long offset, long length, boolean write, String engine, String field, int cell) {
    MappedFile known = files.known(path);
    if (known != null && (offset | length) >= 0 && length > 0) {
      Window window = known.find(offset, length, write);
      if (window != null && pool.touch(window) && window.pins.tryPin(cell)) {
        return window;
      }
    }
    if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length - LibC.PAGE) {
      throw Errors.make(
          Reason.OUT_OF_RANGE,
          "pin",
          path,
          "offset " + offset + ", length " + length + " is no range");
    }
    Request request = new Request(path, offset, length, write, owners.apply(engine, field));
    if (length == 0) {
      touch(request);
      Window.NOTHING.pins.tryPin(cell);
      return Window.NOTHING;
    }
    Charge charge = new Charge(request.owner().account);
    Evicted evicted = new Evicted();
    long waited = 0;
    int grain = -1;
    try {
      for (; ; ) {
        long bytes;
        boolean full = false;
        MappedFile file = lockFile(request);
        try {
          Window window = mapped(file, request, cell);
          if (window != null) {
            return window;
          }
          Place place = place(file, request, grain);
          bytes = place.bytes();
          if (charge.tryBecome(bytes)) {
            window = map(file, request, place, cell, evicted);
            if (window != null) {
              charge.keep();
              return window;
            }
            full = true;
          }
        } finally {
          file.lock.unlock();
        }
        pool.settle(evicted);
        if (full) {
          charge.undo();
          waited += awaitRoom(request, bytes, waited);
        } else {
          grain = admit(request, bytes, charge, evicted, grain);
        }
      }
    } finally {
      charge.undo();
      pool.settle(evicted);
    }
  }

  /** What the engine's account was charged for a window that is not mapped yet. */
  private static final class Charge {
    private final Account account;
    private long bytes;

    Charge(Account account) {
      this.account = account;
    }

    /** Charges so much if there is room right now; nothing is charged otherwise. */
    boolean tryBecome(long wanted) {
      if (account == null || bytes == wanted) {
        return true;
      }
      undo();
      if (!account.tryAdmit(LedgerKind.MAPPED, wanted)) {
        return false;
      }
      bytes = wanted;
      return true;
    }

    void admit(long wanted) {
      account.admit(LedgerKind.MAPPED, wanted);
      bytes = wanted;
    }

    void keep() {
      bytes = 0;
    }

    void undo() {
      if (bytes > 0) {
        account.release(LedgerKind.MAPPED, bytes);
        bytes = 0;
      }
    }
  }

  /** Makes sure that an empty range is one of a file that can be used so. */
  private void touch(Request request) {
    MappedFile file = lockFile(request);
    try {
      inspect(file, request);
    } finally {
      file.lock.unlock();
    }
  }

  private MappedFile lockFile(Request request) {
    for (; ; ) {
      MappedFile file = files.resolve(request.path(), request.write());
      file.lock.lock();
      if (!file.released) {
        return file;
      }
      file.lock.unlock();
    }
  }

  /** Looks at the file on disk, and refuses a range it can't serve. Under the file's lock. */
  private void inspect(MappedFile file, Request request) {
    LibC.Stat stat = files.check(file, request.path());
    long before = file.size();
    file.size(stat.size());
    files.ensureOpen(file, request.path(), request.write());
    if (request.end() > stat.size()) {
      if (request.end() <= before) {
        throw Errors.make(
            Reason.TRUNCATED,
            "pin " + request.offset() + "+" + request.length() + " of",
            request.path(),
            "the file was cut from " + before + " to " + stat.size() + " bytes: restore it");
      }
      if (!request.write()) {
        throw Errors.make(
            Reason.OUT_OF_RANGE,
            "pin " + request.offset() + "+" + request.length() + " of",
            request.path(),
            "the file ends at " + stat.size() + ": pin READ_WRITE to extend it");
      }
    }
  }

  /** Pins what is mapped already, extending the file if only that is missing. */
  private Window mapped(MappedFile file, Request request, int cell) {
    inspect(file, request);
    Window window = file.findMapped(request.offset(), request.length(), request.write());
    if (window == null || !pool.pin(window, cell)) {
      return null;
    }
    try {
      if (request.end() > file.size()) {
        file.grow(request.end());
      }
      window.checked = pool.stamp();
      return window;
    } catch (MappingException e) {
      window.pins.unpin(cell);
      pool.unpinned();
      throw e;
    }
  }

  private Place place(MappedFile file, Request request, int grain) {
    long end = Math.max(file.size(), request.end());
    boolean growing = request.end() > file.size() && file.at(request.offset()) != null;
    Place place =
        grain < 0
            ? grid.place(request.offset(), request.length(), end, growing)
            : grid.pages(
                request.offset(), request.length(), Math.min(GRAINS[grain], grid.size), end);
    if (settings.budget() != 0 && place.bytes() > settings.budget()) {
      throw refused(request, place.bytes());
    }
    return place;
  }

  private BudgetExceededException refused(Request request, long bytes) {
    refusals.increment();
    long budget = settings.budget();
    return new BudgetExceededException(
        request.owner().engine,
        bytes,
        Math.max(0, budget - pool.mapped()),
        budget,
        BudgetExceededException.Bound.MAPPING);
  }

  /**
   * Charges the engine: its own windows give way first, then a smaller piece is to be tried, at last
   * the breach order begins.
   *
   * @return the grain to map by
   */
  private int admit(
      Request request, long bytes, Charge charge, Evicted evicted, int grain) {
    pool.evictEngine(request.owner().engine, bytes, evicted);
    pool.settle(evicted);
    if (charge.tryBecome(bytes)) {
      return grain;
    }
    if (grain < GRAINS.length - 1) {
      return grain + 1;
    }
    try {
      charge.admit(bytes);
    } catch (BudgetExceededException e) {
      refusals.increment();
      throw e;
    }
    return grain;
  }

  /** Maps under the file's lock; null if the pool has no room. */
  private Window map(
      MappedFile file, Request request, Place place, int cell, Evicted evicted) {
    Window old = place.span() ? null : file.at(request.offset());
    if (old != null) {
      pool.retire(old, Cause.REPLACED, evicted);
    }
    if (!pool.reserve(place.bytes(), evicted)) {
      return null;
    }
    boolean done = false;
    try {
      Window window = mapReserved(file, request, place, evicted);
      window.pins.tryPin(cell); // before anybody else can see it: it is open
      file.publish(window);
      pool.add(window);
      done = true;
      return window;
    } finally {
      if (!done) {
        pool.unreserve(place.bytes());
      }
    }
  }

  private Window mapReserved(
      MappedFile file, Request request, Place place, Evicted evicted) {
    if (request.write()) {
      LibC.Stat stat = LibC.stat(file.fd);
      if (stat != null && stat.sparse()) {
        file.fill(place.start(), place.bytes());
      }
      if (request.end() > file.size()) {
        file.grow(request.end());
      }
    }
    // A file open for writing is mapped so for readers too: one window serves both.
    boolean write = file.fdWritable;
    int protection = write ? LibC.PROT_READ | LibC.PROT_WRITE : LibC.PROT_READ;
    long address = LibC.mmap(place.bytes(), protection, file.fd, place.start());
    if (address == -Errno.ENOMEM) {
      // The process's own limit was reached below ours: others map too.
      pool.evictAll(Cause.ROOM, evicted);
      address = LibC.mmap(place.bytes(), protection, file.fd, place.start());
    }
    if (address < 0) {
      throw Errors.of("map " + place.bytes() + " bytes of", file.path(), address);
    }
    if (file.advice != MapAdvice.NORMAL) {
      LibC.madvise(address, place.bytes(), WindowCare.code(file.advice));
    }
    return new Window(
        file, request.owner(), place.start(), place.bytes(), address, write, place.span());
  }

  /** Waits for another thread's pin to end; the nanoseconds it took, or throws. */
  private long awaitRoom(Request request, long bytes, long waited) {
    Evicted evicted = new Evicted();
    try {
      long began = System.nanoTime();
      long left = settings.pinWait().toNanos() - waited;
      if (left <= 0 || !pool.awaitRoom(bytes, left, evicted)) {
        if (pool.tooManyMappings()) {
          refusals.increment();
          throw Errors.make(
              Reason.TOO_MANY_MAPPINGS,
              "map",
              request.path(),
              "all "
                  + settings.maxMappings()
                  + " windows are pinned: close pins sooner or raise mmap.max-mappings");
        }
        throw refused(request, bytes);
      }
      return System.nanoTime() - began;
    } finally {
      pool.settle(evicted);
    }
  }
}
