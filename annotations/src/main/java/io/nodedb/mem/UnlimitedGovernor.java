package io.nodedb.mem;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/** What there is without the agent: everything is granted, nothing is counted. */
final class UnlimitedGovernor extends GovernorSupport {
  private static final EngineScope NO_SCOPE =
      new EngineScope() {
        @Override
        public void close() {}
      };

  @Override
  public boolean active() {
    return false;
  }

  @Override
  public Reservation reserve(String engine, long bytes) {
    return new FreeReservation(Objects.requireNonNull(engine, "engine"), notNegative(bytes));
  }

  @Override
  public Optional<Reservation> tryReserve(String engine, long bytes) {
    return Optional.of(reserve(engine, bytes));
  }

  @Override
  public void requireRoom(String engine, long bytes) {
    Objects.requireNonNull(engine, "engine");
    notNegative(bytes);
  }

  @Override
  public void charge(String engine, long bytes) {
    notNegative(bytes);
  }

  @Override
  public void release(String engine, long bytes) {
    notNegative(bytes);
  }

  @Override
  public void transfer(String from, String to, long bytes) {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    notNegative(bytes);
  }

  @Override
  public long transferObjects(Object root, String from, String to) {
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    return 0;
  }

  @Override
  public EngineSnapshot snapshot(String engine) {
    return new EngineSnapshot(
        Objects.requireNonNull(engine, "engine"), Long.MAX_VALUE, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        PressureLevel.NORMAL, BreachMode.OBSERVE, 0, 0, 0, 0);
  }

  @Override
  public GovernorSnapshot snapshot() {
    return new GovernorSnapshot(
        Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, PressureLevel.NORMAL, List.of());
  }

  @Override
  public void setLimit(String engine, long bytes) {
    notNegative(bytes);
  }

  @Override
  public PressureLevel pressure(String engine) {
    return PressureLevel.NORMAL;
  }

  @Override
  public PressureLevel pressure() {
    return PressureLevel.NORMAL;
  }

  @Override
  public Registration onPressure(PressureListener listener) {
    Objects.requireNonNull(listener, "listener");
    return () -> {};
  }

  @Override
  public Registration registerSpillable(String engine, Spillable handler, int priority) {
    Objects.requireNonNull(engine, "engine");
    Objects.requireNonNull(handler, "handler");
    return () -> {};
  }

  @Override
  public Registration registerSpillable(
      String engine, Spillable handler, int priority, Executor core) {
    Objects.requireNonNull(core, "core");
    return registerSpillable(engine, handler, priority);
  }

  @Override
  protected EngineScope openScope(String engine) {
    Objects.requireNonNull(engine, "engine");
    return NO_SCOPE;
  }

  @Override
  protected Runnable wrapInScope(Runnable task) {
    return Objects.requireNonNull(task, "task");
  }

  @Override
  protected <T> Callable<T> wrapInScope(Callable<T> task) {
    return Objects.requireNonNull(task, "task");
  }

  private static long notNegative(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0 or more)");
    }
    return bytes;
  }

  /** A reservation that remembers its size and charges nobody. */
  private static final class FreeReservation implements Reservation {
    private volatile String engine;
    private volatile long bytes;
    private volatile boolean closed;

    FreeReservation(String engine, long bytes) {
      this.engine = engine;
      this.bytes = bytes;
    }

    @Override
    public String engine() {
      return engine;
    }

    @Override
    public long bytes() {
      return closed ? 0 : bytes;
    }

    @Override
    public void resize(long newBytes) {
      requireOpen();
      bytes = notNegative(newBytes);
    }

    @Override
    public void transferTo(String newEngine) {
      requireOpen();
      engine = Objects.requireNonNull(newEngine, "engine");
    }

    @Override
    public void close() {
      closed = true;
    }

    private void requireOpen() {
      if (closed) {
        throw new IllegalStateException("reservation of engine '" + engine + "' is closed");
      }
    }
  }
}
