package io.nodedb.mem.blocks;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Registration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Many fields (indexes, segments), few of them in use: known from their directory's {@link
 * FieldManifest} without being opened, loaded at the first use, unloaded coldest first when there
 * is need. Thread-safe.
 *
 * <p>Each field has a lock of its own, held while it is loaded or unloaded: concurrent first uses
 * load once, the others wait for that one. No thread waits for one field while it holds the lock of
 * another: unloading only tries, and passes over what is in use or busy. So it may be asked for
 * memory by the engine that loads a field at that moment.
 *
 * @param <T> what a field is when it is loaded
 */
public final class IndexRegistry<T> implements AutoCloseable {
  /** Where a field stands. */
  public enum State {
    /** Known, not in memory. */
    REGISTERED,
    /** Some thread loads it. */
    LOADING,
    /** In memory. */
    LOADED,
    /** Some thread unloads it. */
    UNLOADING,
    /** The last load failed; the next use tries again. */
    FAILED
  }

  /**
   * Brings fields into memory.
   *
   * @param <T> what a field is when it is loaded
   */
  @FunctionalInterface
  public interface Loader<T> {
    /**
     * Loads one.
     *
     * @param directory its directory
     * @param entry what the manifest says
     * @return the field
     * @throws Exception if it can't; the use that asked for it fails with {@link MappingException}
     */
    Loaded<T> load(Path directory, FieldManifest.Entry entry) throws Exception;
  }

  /**
   * A field in memory.
   *
   * @param value the field
   * @param bytes what it takes
   * @param unload gives it back; called once, when nobody uses it
   * @param <T> what a field is
   */
  public record Loaded<T>(T value, long bytes, Runnable unload) {}

  /**
   * One field's state.
   *
   * @param name the field
   * @param directory its directory
   * @param state where it stands
   * @param bytes what it takes in memory, 0 if it is not
   * @param uses uses that are open
   * @param loads how often it was loaded
   */
  public record Status(
      String name, Path directory, State state, long bytes, int uses, long loads) {}

  /**
   * A field in use: it is not unloaded until {@link #close}. To be held for one operation.
   *
   * @param <T> what a field is
   */
  public interface Use<T> extends AutoCloseable {
    /**
     * The field.
     *
     * @return what the loader made
     * @throws IllegalStateException if closed
     */
    T value();

    /** Ends the use. Closing twice does nothing. */
    @Override
    void close();
  }

  private final Loader<T> loader;
  private final long budget;
  private final LongSupplier clock;
  private final Registration registration;
  private final Map<String, RegisteredField<T>> fields = new ConcurrentHashMap<>();
  private final AtomicLong loadedBytes = new AtomicLong();
  private volatile boolean closed;

  /**
   * Makes an empty registry, which gives its engine memory back under pressure: it is the engine's
   * spill handler for loaded fields. Without the agent only {@code budget} unloads.
   *
   * @param engine whose ledgers count what the loader allocates
   * @param loader brings fields into memory
   * @param budget bytes of loaded fields above which unused ones are unloaded; 0 = unlimited
   */
  public IndexRegistry(String engine, Loader<T> loader, long budget) {
    this(engine, loader, budget, System::nanoTime);
  }

  /** With a clock in nanoseconds. */
  IndexRegistry(String engine, Loader<T> loader, long budget, LongSupplier clock) {
    this.loader = loader;
    this.budget = budget;
    this.clock = clock;
    this.registration =
        MemoryGovernor.get().registerSpillable(engine, (bytes, context) -> unload(bytes));
  }

  /**
   * Registers a directory's fields; opens nothing but the manifest.
   *
   * @param directory the directory
   * @return how many fields were new
   * @throws MappingException if the manifest can't be read, or names a field that another directory
   *     has; nothing is registered then
   */
  public int register(Path directory) {
    List<FieldManifest.Entry> entries = FieldManifest.read(directory);
    synchronized (fields) {
      for (FieldManifest.Entry entry : entries) {
        RegisteredField<T> known = fields.get(entry.name());
        if (known != null && !known.directory.equals(directory)) {
          throw FieldManifest.failure(
              Reason.CORRUPT,
              "register",
              directory,
              "field '" + entry.name() + "' belongs to " + known.directory + ": rename one");
        }
      }
      int before = fields.size();
      for (FieldManifest.Entry entry : entries) {
        fields.computeIfAbsent(entry.name(), n -> new RegisteredField<>(directory, entry));
      }
      return fields.size() - before;
    }
  }

  /**
   * Uses a field, loading it if need be.
   *
   * @param name the field
   * @return the use, to be closed soon
   * @throws MappingException if there is no such field or it can't be loaded
   */
  public Use<T> use(String name) {
    RegisteredField<T> field = fields.get(name);
    if (closed || field == null) {
      throw closed
          ? FieldManifest.failure(Reason.CLOSED, "use field", name, "the registry is closed")
          : FieldManifest.failure(
              Reason.NO_SUCH_FILE, "use field", name, "it was never registered");
    }
    if (!field.loaded() && budget > 0) {
      unload(loadedBytes.get() + field.entry.bytes() - budget);
    }
    Use<T> use = field.use(loader, loadedBytes, clock.getAsLong());
    if (budget > 0 && loadedBytes.get() > budget) {
      unload(loadedBytes.get() - budget); // it took more than the manifest said
    }
    return use;
  }

  /**
   * Unloads fields that nobody uses, the one not used for longest first.
   *
   * @param bytes how many bytes to free
   * @return bytes freed
   */
  public long unload(long bytes) {
    if (bytes <= 0) {
      return 0;
    }
    record Candidate<T>(RegisteredField<T> field, long lastUse) {}

    List<Candidate<T>> candidates = new ArrayList<>();
    for (RegisteredField<T> field : fields.values()) {
      if (field.loaded()) {
        candidates.add(new Candidate<>(field, field.lastUse()));
      }
    }
    candidates.sort(Comparator.comparingLong(Candidate::lastUse));
    long freed = 0;
    for (Candidate<T> candidate : candidates) {
      if (freed >= bytes) {
        break;
      }
      freed += candidate.field().tryUnload(loadedBytes);
    }
    return freed;
  }

  /**
   * What the loaded fields take.
   *
   * @return bytes
   */
  public long loadedBytes() {
    return loadedBytes.get();
  }

  /**
   * All fields' states.
   *
   * @return a list in no order; each entry by itself is consistent
   */
  public List<Status> fields() {
    return fields.values().stream().map(RegisteredField::status).toList();
  }

  /** Unloads all that is not in use; later uses are refused. */
  @Override
  public void close() {
    closed = true;
    registration.close();
    unload(Long.MAX_VALUE);
  }

  /** One field. */
  private static final class RegisteredField<T> {
    final Path directory;
    final FieldManifest.Entry entry;
    private final ReentrantLock lock = new ReentrantLock();

    // Written under the lock, read anywhere.
    private volatile State state = State.REGISTERED;
    private volatile Loaded<T> loaded;
    private volatile int uses;
    private volatile long lastUse;
    private volatile long loads;

    RegisteredField(Path directory, FieldManifest.Entry entry) {
      this.directory = directory;
      this.entry = entry;
    }

    boolean loaded() {
      return state == State.LOADED;
    }

    long lastUse() {
      return lastUse;
    }

    Status status() {
      Loaded<T> now = loaded;
      return new Status(
          entry.name(), directory, state, now == null ? 0 : now.bytes(), uses, loads);
    }

    Use<T> use(Loader<T> loader, AtomicLong total, long now) {
      lock.lock();
      try {
        if (state != State.LOADED) {
          load(loader, total);
        }
        uses = uses + 1;
        lastUse = now;
        return new FieldUse<>(this, loaded.value());
      } finally {
        lock.unlock();
      }
    }

    private void load(Loader<T> loader, AtomicLong total) {
      state = State.LOADING;
      try {
        loaded = loader.load(directory, entry);
        total.addAndGet(loaded.bytes());
        loads = loads + 1;
        state = State.LOADED;
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        MappingException failure =
            FieldManifest.failure(
                Reason.IO, "load field '" + entry.name() + "' from", directory, e.toString());
        failure.initCause(e);
        throw failure;
      } finally {
        if (state != State.LOADED) {
          state = State.FAILED;
        }
      }
    }

    void end() {
      lock.lock();
      try {
        uses = uses - 1;
      } finally {
        lock.unlock();
      }
    }

    long tryUnload(AtomicLong total) {
      // Held by this thread already: a loader or unloader that asks for room; not its own field.
      if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
        return 0;
      }
      try {
        if (state != State.LOADED || uses > 0) {
          return 0;
        }
        state = State.UNLOADING;
        Loaded<T> old = loaded;
        loaded = null;
        try {
          old.unload().run();
        } finally {
          total.addAndGet(-old.bytes());
          state = State.REGISTERED;
        }
        return old.bytes();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A use of one field. */
  private static final class FieldUse<T> implements Use<T> {
    private RegisteredField<T> field;
    private final T value;

    FieldUse(RegisteredField<T> field, T value) {
      this.field = field;
      this.value = value;
    }

    @Override
    public synchronized T value() {
      if (field == null) {
        throw new IllegalStateException("the use of the field is closed");
      }
      return value;
    }

    @Override
    public synchronized void close() {
      if (field != null) {
        field.end();
        field = null;
      }
    }
  }
}
