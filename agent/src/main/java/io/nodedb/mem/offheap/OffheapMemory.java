package io.nodedb.mem.offheap;

import io.nodedb.mem.ArenaOption;
import io.nodedb.mem.CollectionArena;
import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.NativeMemory;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.Registration;
import io.nodedb.mem.UnknownEngineException;
import io.nodedb.mem.config.NativeSettings;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.Failsafe;
import io.nodedb.mem.governor.GovernorListener;
import io.nodedb.mem.governor.ReliefStep;
import io.nodedb.mem.hook.NativeRuntime;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The engines' native memory. Thread-safe.
 *
 * <p>A daemon thread releases what ended and looks at the allocator's figures once an interval.
 */
public final class OffheapMemory implements NativeMemory, AutoCloseable {
  private static final long INTERVAL_MILLIS = 500;

  private final Map<String, EngineMemory> engines = new LinkedHashMap<>();
  private final NativeHeap heap;
  private final Optional<Jemalloc> jemalloc;
  private final ArenaStatistics statistics;
  private final EndOfLife ends = new EndOfLife();
  private final LeakWatch leaks;
  private final Notices notices;
  private final NumaTopology topology;
  private final ThreadPinning pinning;
  private final Attribution attribution;
  private final NativeMonitor monitor;
  private final CollectionArenas collections;
  private final NativeSubstitutes substitutes;
  private final InScope inScope;
  private final Thread thread;
  private volatile boolean stopped;

  /** Puts work into an engine's scope. */
  @FunctionalInterface
  public interface InScope {
    /**
     * Wraps work.
     *
     * @param engine the engine
     * @param work the work
     * @return the work in the engine's scope
     */
    Runnable wrap(String engine, Runnable work);
  }

  private OffheapMemory(
      Optional<Jemalloc> jemalloc,
      NumaTopology topology,
      NativeSettings settings,
      List<? extends Account> accounts,
      Admission admission,
      InScope inScope,
      LeakSink leakSink,
      Notices notices) {
    this.jemalloc = jemalloc;
    this.heap = jemalloc.map(NativeHeap.class::cast).orElseGet(LibcHeap::new);
    this.topology = topology;
    this.inScope = inScope;
    this.notices = notices;
    this.statistics = new ArenaStatistics(jemalloc.orElse(null));
    this.leaks = new LeakWatch(settings.leakDetection(), ends, leakSink);
    int nodes = topology.memoryNodes().size();
    List<EngineMemory> byId = new ArrayList<>();
    for (Account account : accounts) {
      EngineMemory engine = new EngineMemory(account, admission, heap, nodes);
      engines.put(account.engine(), engine);
      byId.add(engine);
    }
    this.pinning = new ThreadPinning(jemalloc, heap, notices);
    this.attribution = new Attribution(jemalloc.orElse(null), statistics, pinning, byId);
    this.monitor = new NativeMonitor(heap, statistics, attribution, byId, notices);
    this.collections = new CollectionArenas(statistics, leaks, notices);
    CallGrowth growth =
        new CallGrowth(
            attribution.possible() ? jemalloc.map(Jemalloc::control).orElse(null) : null, admission);
    this.substitutes = new NativeSubstitutes(byId, leaks, attribution, pinning, growth);
    this.thread =
        Thread.ofPlatform().daemon().name("nodedb-mem-native").unstarted(this::housekeeping);
  }

  /**
   * Finds an allocator and starts.
   *
   * @param settings the configuration
   * @param accounts the engines' budgets, in the order of their ids
   * @param admission asked for what has no room at first
   * @param inScope puts work into an engine's scope
   * @param leakSink hears of leaks
   * @param log told, in a line each and once, of what this system lacks
   * @return the memory, to be closed
   */
  public static OffheapMemory start(
      NativeSettings settings,
      List<? extends Account> accounts,
      Admission admission,
      InScope inScope,
      LeakSink leakSink,
      Consumer<String> log) {
    Notices notices = new Notices(log);
    List<String> passedOver = new ArrayList<>();
    Optional<Jemalloc> jemalloc = Jemalloc.find(settings.jemalloc(), passedOver);
    boolean asConfigured =
        jemalloc.isPresent()
            && jemalloc.get().source().compareTo(JemallocLibrary.Source.CONFIGURED) <= 0;
    if (settings.jemalloc().isPresent() && !asConfigured) {
      notices.once("native.jemalloc", "native.jemalloc is not used: " + passedOver.getFirst());
    }
    if (jemalloc.isEmpty()) {
      notices.once("jemalloc", "native memory comes from malloc: " + String.join("; ", passedOver));
    }
    OffheapMemory memory =
        new OffheapMemory(
            jemalloc,
            NumaTopology.ofSystem(),
            settings,
            accounts,
            admission,
            inScope,
            leakSink,
            notices);
    memory.thread.start();
    return memory;
  }

  /**
   * The allocator, for the start line and JMX.
   *
   * @return which one, and what it can do
   */
  public String allocator() {
    return heap.describe();
  }

  /**
   * What the hooks call.
   *
   * @return to be installed in {@link io.nodedb.mem.hook.NativeHooks}
   */
  public NativeRuntime hooks() {
    return substitutes;
  }

  @Override
  public NativeSnapshot snapshot() {
    return monitor.snapshot();
  }

  /**
   * Brings the ledgers up to date: releases what ended, attributes what pinned threads allocated. To
   * be called before a breach is decided and when pressure is computed.
   */
  public void refresh() {
    ends.drain();
    monitor.refresh();
  }

  /**
   * The first step of the breach order for native memory: what ended is released, and what pinned
   * threads gave back is known, before anything is refused.
   *
   * @return the step
   */
  public ReliefStep relief() {
    return (engine, missing, bound) -> {
      refresh();
      return false;
    };
  }

  /**
   * Gives the free pages of all arenas back to the system. Takes milliseconds where there are many.
   *
   * @return whether there is an allocator that can
   */
  public boolean purge() {
    if (jemalloc.isPresent()) {
      statistics.purge();
    }
    return jemalloc.isPresent();
  }

  /**
   * Gives free pages back as pressure rises: from WARNING on the due ones, from CRITICAL on all, of
   * the engine's arenas or, where it is the process's pressure, of every arena.
   *
   * @return to be told of transitions, off the threads that allocate
   */
  public GovernorListener pressure() {
    return new PressureRelease(statistics, engines);
  }

  /**
   * Free pages that all arenas keep resident, now.
   *
   * @return bytes, or empty without statistics
   */
  public OptionalLong dirty() {
    if (!statistics.present()) {
      return OptionalLong.empty();
    }
    statistics.refresh();
    return OptionalLong.of(statistics.dirty());
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#arena}.
   *
   * @param engine the engine
   * @param options as there
   * @return the arena
   */
  public Arena arena(String engine, ArenaOption... options) {
    return arena(engine(engine).heap, leaks, options);
  }

  @Override
  public NativeAllocator allocator(String engine, ArenaOption... options) {
    return new BudgetAllocator(
        engine(engine).heap, Options.shared(options), Options.zeroed(options), leaks);
  }

  @Override
  public CollectionArena collection(String engine, String tenant, String collection) {
    return collections.get(engine(engine), tenant, collection);
  }

  @Override
  public Optional<CollectionArena> findCollection(String tenant, String collection) {
    return collections.find(tenant, collection);
  }

  @Override
  public Registration pinCurrentThread(String engine) {
    int arena = engine(engine).arenas.pinned(ThreadNode.current());
    if (arena < 0) {
      return () -> {};
    }
    attribution.pinnedTo(arena);
    return pinning.pin(arena);
  }

  @Override
  public Registration pinCurrentThread(int arena) {
    return pinning.pin(arena);
  }

  @Override
  public OptionalInt currentArena() {
    return pinning.current();
  }

  @Override
  public ExecutorService threadPerCore(String engine, int threads) {
    EngineMemory memory = engine(engine);
    BitSet allowed = topology.cpus();
    BitSet mine = Native.supported() ? ThreadPlacement.affinity() : allowed;
    if (mine.intersects(allowed)) {
      allowed.and(mine);
    }
    int cores = allowed.cardinality();
    if (threads < 1 || threads > cores) {
      throw new IllegalArgumentException(
          "threads: " + threads + " (expected: 1 to " + cores + ", the cores of this process)");
    }
    CoreThreads factory =
        new CoreThreads(
            engine,
            allowed,
            topology,
            notices,
            node -> {
              memory.ledger.moved();
              return pinCurrentThread(engine)::close;
            },
            work -> inScope.wrap(engine, work));
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    executor.prestartAllCoreThreads();
    return executor;
  }

  /** Stops the thread. Memory that is in use stays so. */
  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
  }

  static Arena arena(EngineHeap heap, LeakWatch leaks, ArenaOption... options) {
    return Options.shared(options)
        ? BudgetArena.shared(heap, Options.zeroed(options), leaks)
        : BudgetArena.confined(heap, Options.zeroed(options), leaks);
  }

  NativeMonitor monitor() {
    return monitor;
  }

  EndOfLife ends() {
    return ends;
  }

  private EngineMemory engine(String name) {
    EngineMemory engine = engines.get(name);
    if (engine == null) {
      throw new UnknownEngineException(name, engines.keySet());
    }
    return engine;
  }

  private void housekeeping() {
    Failsafe failsafe = new Failsafe(line -> notices.once("housekeeping", line));
    long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
    while (!stopped) {
      try {
        long left = TimeUnit.NANOSECONDS.toMillis(next - System.nanoTime());
        if (left > 0) {
          ends.await(left);
        } else {
          monitor.tick();
          next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
        }
      } catch (InterruptedException e) {
        return;
      } catch (Throwable e) {
        failsafe.failed("native memory's housekeeping", "", e);
      }
    }
  }
}
