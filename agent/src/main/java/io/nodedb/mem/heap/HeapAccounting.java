package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.config.HeapSettings;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Failsafe;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The heap ledger of a process, from start to stop. */
public final class HeapAccounting implements AutoCloseable {
  /** Hears of collections that the ledger asked for. */
  @FunctionalInterface
  public interface AssistListener {
    /**
     * A collection is about to be asked for. {@link #assisted} follows on the same thread, before
     * anything else of the kind, unless the JVM ignores such requests.
     */
    default void assisting() {}

    /**
     * A collection was asked for to rule out garbage.
     *
     * @param engine the engine in breach
     * @param nanos how long it took
     * @param heapBefore heap in use before, bytes
     * @param heapAfter heap in use after, bytes
     * @param accounting the ledger in use
     */
    void assisted(String engine, long nanos, long heapBefore, long heapAfter, String accounting);
  }

  private static final long SHORTEST_TICK = TimeUnit.MILLISECONDS.toNanos(1);

  /** How often ledgers in motion are read again before what differs is believed. */
  private static final int LOOKS = 8;

  private final HeapSettings settings;
  private final Consumer<String> problems;
  private final HeapLedger ledger;
  private final AllocationTotals totals;
  private final Collections collections = new Collections();
  private final UnattributedHeap unattributed;
  private final HeapScopes scopes;
  private final Optional<SampleLedger> samples;
  private String whyEstimated = "";
  private int interval;
  private final Optional<ObjectTransfer> transfer;
  private final Thread ticker;
  private volatile boolean stopped;
  private volatile WorstCall worst;

  private HeapAccounting(
      Governor governor,
      HeapSettings settings,
      AssistListener assists,
      Consumer<String> problems) {
    this.settings = settings;
    this.problems = problems;
    ThreadCounters counters = ThreadCounters.hotSpot();
    this.totals = new AllocationTotals(counters, governor.engines().size());
    this.samples = startSampling(governor);
    this.ledger =
        samples.isPresent()
            ? new SampledAccounting(
                samples.get(), new SampleSweeps(samples.get(), collections::count), totals)
            : new EstimatedHeap(governor.engines(), totals, collections, governor.enforcement());
    this.transfer = samples.map(ObjectTransfer::new);
    this.unattributed =
        new UnattributedHeap(
            governor.engines(),
            collections::count,
            collections::usedAfter,
            ledger::drain,
            governor.rebalancer()::unattributedHeap);
    this.scopes = new HeapScopes(governor, counters, ledger, settings.grace());
    samples.ifPresent(s -> s.onOverrun(scopes::watch));
    for (Engine engine : governor.engines()) {
      engine.allocatedFrom(
          () ->
              totals.total(engine.id())
                  + samples.map(s -> s.allocatedOnVirtualThreads(engine.id())).orElse(0L));
    }
    governor.addRelief(
        new GcAssist(
            ledger,
            collections,
            System::gc,
            new AssistPace(
                settings.minGcIntervalNanos(),
                samples.isPresent() ? AssistPace.SAMPLED : AssistPace.ESTIMATED,
                governor.engines().size(),
                System.nanoTime()),
            governor.engines(),
            assists,
            () ->
                problems.accept(
                    "explicit collections are disabled (-XX:+DisableExplicitGC): breaches of the"
                        + " heap are refused without ruling out garbage; remove the flag")));
    governor.enforcement().onAttention(new PollFlag());
    this.ticker = Thread.ofPlatform().daemon().name("nodedb-mem-ticker").unstarted(this::tick);
  }

  /** Loads what {@link #start} will need and what depends on no setting. Any thread may call it. */
  public static void warmUp() {
    SamplerLibrary.load();
    SampleFrames.insideRecorder();
    ThreadCounters.hotSpot().current();
    new Collections().count();
  }

  /**
   * Starts the ledger: by samples if this JVM can be asked for them, else estimated.
   *
   * @param governor the budgets
   * @param settings the settings
   * @param assists told of assisted collections
   * @param problems told, in a line each, of what does not work here
   * @return the running ledger, with the hooks' runtime installed
   */
  public static HeapAccounting start(
      Governor governor,
      HeapSettings settings,
      AssistListener assists,
      Consumer<String> problems) {
    HeapAccounting heap = new HeapAccounting(governor, settings, assists, problems);
    heap.samples.ifPresent(SampleLedger::start);
    Hooks.install(heap.scopes, settings.gateThreshold());
    heap.ticker.start();
    return heap;
  }

  private Optional<SampleLedger> startSampling(Governor governor) {
    SampleLedger sampled =
        new SampleLedger(governor.engines(), SampleLedger.defaultMaxSamples());
    long smallest = Long.MAX_VALUE;
    for (Engine engine : governor.engines()) {
      smallest = Math.min(smallest, engine.limit());
    }
    interval =
        settings.samplingIntervalBytes() == HeapSettings.AUTO
            ? SamplingInterval.auto(smallest)
            : (int) Math.min(Integer.MAX_VALUE, settings.samplingIntervalBytes());
    SamplerStatus status = Sampler.start(sampled, interval);
    if (status.running()) {
      return Optional.of(sampled);
    }
    whyEstimated = status.detail();
    return Optional.empty();
  }

  /** Turns the hooks off for threads that are in no scope yet, and ends the ticker. */
  @Override
  public void close() {
    Hooks.install(null, Long.MAX_VALUE);
    Hooks.attention(false);
    samples.ifPresent(
        s -> {
          Sampler.stop();
          s.close();
        });
    stopped = true;
    LockSupport.unpark(ticker);
  }

  /**
   * From now on, ends the call that holds the most of an engine that stays in EMERGENCY.
   *
   * @param patienceNanos for how long it has to stay
   */
  public void cancelWorst(long patienceNanos) {
    scopes.followCalls();
    worst = new WorstCall(scopes, patienceNanos, System::nanoTime);
  }

  /**
   * Where matched classes clean up, and nothing is refused unless it takes much.
   *
   * @return to be told of them
   */
  public Cleanups cleanups() {
    return scopes.cleanups();
  }

  /**
   * How live heap is known.
   *
   * @return {@code estimated} or {@code sampled}
   */
  public String accounting() {
    return ledger.accounting();
  }

  /**
   * How live heap is known, for the operator.
   *
   * @return {@link #accounting}, and if it is {@code estimated} why
   */
  public String description() {
    return whyEstimated.isEmpty() ? accounting() : accounting() + " (" + whyEstimated + ")";
  }

  /**
   * What the sampler knows of an engine.
   *
   * @param engine its id
   * @return its figures; empty while {@link #accounting} is {@code estimated}
   */
  public Optional<SampledHeap> sampled(int engine) {
    return samples.map(s -> s.read(engine));
  }

  /**
   * See {@link io.nodedb.mem.MemoryGovernor#transferObjects}.
   *
   * @param root what keeps the objects
   * @param from the engine that has them
   * @param to the engine that gets them
   * @return bytes moved
   */
  public long transferObjects(Object root, Engine from, Engine to) {
    return transfer
        .orElseThrow(
            () ->
                new UnsupportedOperationException(
                    "transferObjects: heap accounting is estimated, so no object is known to be"
                        + " an engine's (see the agent's line at the start for the reason);"
                        + " state the bytes instead: transfer(from, to, bytes)"))
        .transfer(root, from, to);
  }

  /**
   * Compares engines' ledgers with what they are the sums of.
   *
   * @return for each engine by its id; empty while {@link #accounting} is {@code estimated}
   */
  public Optional<HeapReading[]> weigh() {
    return samples.map(
        s -> {
          HeapReading[] readings = weigh(s);
          // An array that passes a gate and lands while this thread was off its processor is in
          // neither reading of the gates. Not each time: what stays is drift.
          for (int again = 0; again < LOOKS && HeapReading.anyDrifts(readings); again++) {
            Thread.yield();
            HeapReading[] anew = weigh(s);
            for (int i = 0; i < readings.length; i++) {
              readings[i] = readings[i].orCloser(anew[i]);
            }
          }
          return readings;
        });
  }

  private HeapReading[] weigh(SampleLedger ledgers) {
    long[] first = scopes.inflight();
    HeapReading[] readings = ledgers.weigh();
    long[] last = scopes.inflight();
    for (int i = 0; i < readings.length; i++) {
      readings[i] = readings[i].withGates(first[i], last[i]);
    }
    return readings;
  }

  /**
   * Compares all ledgers together with the heap, after taking back what collections have found dead.
   *
   * @return both
   */
  public HeapUse use() {
    HeapUse use = look();
    // As in weigh: collected or allocated meanwhile.
    for (int again = 0; again < LOOKS && use.charged() > use.inUse(); again++) {
      Thread.yield();
      use = use.orCloser(look());
    }
    return use;
  }

  private HeapUse look() {
    // In this order: what is collected after the sweep was still in use before it.
    long before = collections.inUse();
    ledger.collected();
    long[] first = scopes.inflight();
    long charged = 0;
    for (int i = 0; i < first.length; i++) {
      charged += scopes.engine(i).used(LedgerKind.HEAP);
    }
    long[] last = scopes.inflight();
    for (int i = 0; i < first.length; i++) {
      charged -= Math.max(first[i], last[i]);
    }
    return new HeapUse(
        charged,
        Math.max(before, collections.inUse()),
        samples.isPresent() ? interval : 0);
  }

  /**
   * Compares what engines' samples stand for with what threads' counters say.
   *
   * @return for each engine by its id; empty while {@link #accounting} is {@code estimated}
   */
  public Optional<AllocationReading[]> allocations() {
    return samples.map(
        s -> {
          ledger.drain();
          AllocationReading[] readings = new AllocationReading[scopes.engineCount()];
          for (int i = 0; i < readings.length; i++) {
            readings[i] =
                new AllocationReading(
                    s.allocated(i), totals.total(i) + s.allocatedOnVirtualThreads(i), interval);
          }
          return readings;
        });
  }

  /**
   * Takes into account what threads have allocated, and what collections have freed that ended before
   * this was called. The first call after a collection takes some nanoseconds for each sample, a few
   * milliseconds at most; others take microseconds.
   */
  public void refresh() {
    ledger.drain();
  }

  /**
   * Sets who is told of samples; nobody ever is where live heap is estimated.
   *
   * @param listener the listener, which should have run once before; null for none
   */
  public void sampleListener(SampleListener listener) {
    samples.ifPresent(s -> s.listener(listener));
  }

  /**
   * What charges other ledgers by the rules of heap gates.
   *
   * @return the rules
   */
  public ScopedAdmission admission() {
    return new ScopedAdmission(scopes);
  }

  /**
   * Gives a scope with a mode or a budget for the call its number.
   *
   * @param engine the engine's id
   * @param mode what a breach does
   * @param perCall bytes one call may hold; {@link Long#MAX_VALUE} for no bound
   * @return the number for {@link Hooks#enterSite}
   */
  public int site(int engine, BreachMode mode, long perCall) {
    return scopes.register(new Site(engine, mode, perCall));
  }

  private void tick() {
    Failsafe failsafe = new Failsafe(problems);
    Runnable pass = this::pass;
    while (!stopped) {
      failsafe.run("a look at what threads have allocated", pass);
      LockSupport.parkNanos(this, Math.max(settings.tickerIntervalNanos(), SHORTEST_TICK));
    }
  }

  private void pass() {
    ledger.tick();
    unattributed.tick();
    scopes.watchCalls();
    WorstCall ends = worst;
    if (ends != null) {
      ends.tick();
    }
  }
}
