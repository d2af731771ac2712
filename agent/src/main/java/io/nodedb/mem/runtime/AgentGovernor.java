package io.nodedb.mem.runtime;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.EngineScope;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.GovernorSupport;
import io.nodedb.mem.Mappings;
import io.nodedb.mem.NativeMemory;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.PressureLevel;
import io.nodedb.mem.PressureListener;
import io.nodedb.mem.Registration;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.Spillable;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.ThreadScope;
import io.nodedb.mem.hook.ThreadTable;
import io.nodedb.mem.offheap.LazyOffheap;
import io.nodedb.mem.offheap.OffheapMemory;
import io.nodedb.mem.spill.Spilling;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/** The API's governor in a JVM with the agent. */
final class AgentGovernor extends GovernorSupport {
  private final Governor governor;
  private final HeapAccounting heap;
  private final JdkClasses jdk;
  private final LazyOffheap offheap;
  private final MappedWiring mapped;
  private final Spilling spilling;

  AgentGovernor(
      Governor governor,
      HeapAccounting heap,
      LazyOffheap offheap,
      MappedWiring mapped,
      Spilling spilling,
      JdkClasses jdk) {
    this.spilling = spilling;
    this.jdk = jdk;
    this.mapped = mapped;
    this.governor = governor;
    this.heap = heap;
    this.offheap = offheap;
  }

  @Override
  public boolean active() {
    return true;
  }

  @Override
  public Reservation reserve(String engine, long bytes) {
    return governor.reserve(engine, bytes);
  }

  @Override
  public Optional<Reservation> tryReserve(String engine, long bytes) {
    return governor.tryReserve(engine, bytes);
  }

  @Override
  public void requireRoom(String engine, long bytes) {
    governor.requireRoom(engine, bytes);
  }

  @Override
  public void charge(String engine, long bytes) {
    governor.charge(engine, bytes);
  }

  @Override
  public void release(String engine, long bytes) {
    governor.release(engine, bytes);
  }

  @Override
  public void transfer(String from, String to, long bytes) {
    governor.transfer(from, to, bytes);
  }

  @Override
  public long transferObjects(Object root, String from, String to) {
    Objects.requireNonNull(root, "root");
    Engine giver = governor.engine(from);
    Engine taker = governor.engine(to);
    return giver == taker ? 0 : heap.transferObjects(root, giver, taker);
  }

  @Override
  public EngineSnapshot snapshot(String engine) {
    refresh();
    return governor.engine(engine).snapshot();
  }

  @Override
  public GovernorSnapshot snapshot() {
    refresh();
    return governor.snapshot();
  }

  private void refresh() {
    heap.refresh();
    offheap.ifStarted().ifPresent(OffheapMemory::refresh);
  }

  @Override
  public void setLimit(String engine, long bytes) {
    governor.setLimit(engine, bytes);
  }

  @Override
  public PressureLevel pressure(String engine) {
    return governor.engine(engine).snapshot().pressure();
  }

  @Override
  public PressureLevel pressure() {
    return governor.pressure();
  }

  @Override
  public Registration onPressure(PressureListener listener) {
    return governor.onPressure(listener);
  }

  @Override
  public Registration registerSpillable(String engine, Spillable handler, int priority) {
    return spilling.register(engine, handler, priority, Optional.empty());
  }

  @Override
  public Registration registerSpillable(
      String engine, Spillable handler, int priority, Executor core) {
    return spilling.register(engine, handler, priority, Optional.of(core));
  }

  @Override
  public Arena arena(String engine, ArenaOption... options) {
    return offheap.get().arena(engine, options);
  }

  @Override
  public NativeMemory nativeMemory() {
    return offheap.get();
  }

  @Override
  public Mappings mappings() {
    return mapped.mappings();
  }

  @Override
  public OverflowOptions overflowOptions() {
    return mapped.options();
  }

  @Override
  public OverflowRegion openOverflow(String engine, String name) {
    return mapped.open(engine, name);
  }

  @Override
  public OverflowRegion openOverflow(String engine, Path directory, OverflowOptions options) {
    return mapped.open(engine, directory, options);
  }

  @Override
  public OverflowRegion openOverflowReadOnly(String engine, String name) {
    return mapped.openReadOnly(engine, name);
  }

  @Override
  public OverflowRegion openOverflowReadOnly(
      String engine, Path directory, OverflowOptions.PayloadCheck check) {
    return mapped.openReadOnly(engine, directory, check);
  }

  @Override
  protected EngineScope openScope(String engine) {
    int id = governor.engine(engine).id();
    jdk.ensure();
    return new OpenScope(Hooks.enter(id));
  }

  @Override
  protected Runnable wrapInScope(Runnable task) {
    Objects.requireNonNull(task, "task");
    int engine = current();
    if (engine == Hooks.NONE) {
      return task;
    }
    return () -> {
      int token = Hooks.enter(engine);
      try {
        task.run();
      } finally {
        Hooks.exit(token);
      }
    };
  }

  @Override
  protected <T> Callable<T> wrapInScope(Callable<T> task) {
    Objects.requireNonNull(task, "task");
    int engine = current();
    if (engine == Hooks.NONE) {
      return task;
    }
    return () -> {
      int token = Hooks.enter(engine);
      try {
        return task.call();
      } finally {
        Hooks.exit(token);
      }
    };
  }

  private static int current() {
    ThreadScope scope = ThreadTable.current();
    return scope == null ? Hooks.NONE : scope.engine();
  }

  /** A scope opened by hand. */
  private static final class OpenScope extends EngineScope {
    private final int token;
    private boolean closed;

    OpenScope(int token) {
      this.token = token;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        Hooks.exit(token);
      }
    }
  }
}
