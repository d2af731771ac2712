package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Account;
import io.nodedb.mem.hook.SampleHook;
import io.nodedb.mem.hook.ThreadScope;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The heap ledger: charges each engine for its sampled objects and gives back what the collector
 * clears. Thread-safe.
 *
 * <h2>Steps, and what an error between them does</h2>
 *
 * A sample is (1) made, (2) pushed to a {@link SampleStack}, (3) claimed, (4) charged. The first two
 * may fail without a trace: nobody knows the sample yet. From the second on it is reachable and will
 * be given back, and if the allocating thread does not get to claim it, the drainer claims and
 * charges it a moment later. Claiming comes before charging, so that it is charged by one of them
 * only; an error out of {@link Account#charge} itself leaves a sample that will be given back though
 * it may not have been charged, which errs towards less, is bounded by one weight, and does not last.
 * A thread with little stack left stops after the second step, so that such an error needs a defect.
 *
 * <p>The sampled object cannot be cleared before the callback returns, for the JVM holds it until
 * then: a sample is never given back before it is charged.
 *
 * <h2>Giving back</h2>
 *
 * The {@link SampleDrainer} waits on the reference queue; a verification, and whoever wants figures,
 * call {@link #drain} or {@link #sweep} themselves ({@link SampleSweeps}). Both work under one lock,
 * which the callback never takes: pushing needs none, and so the structure that keeps the references
 * reachable, {@link SampleTable}, belongs to the lock's holder alone. An error in the middle would
 * lose references and so their bytes for ever; hence both make sure of their stack before they begin,
 * and allocate nothing but room in the table, without which new samples wait where they are.
 */
public final class SampleLedger implements SampleHook.Sink, AutoCloseable {
  private final SampleCharges charges;
  private final SampleStack[] stacks;
  private final long maxSamples;
  private final ReferenceQueue<Object> queue;
  private final ReentrantLock lock = new ReentrantLock();

  /** Under the lock. */
  private final SampleTable table;

  /** Taken from a stack, and not in the table yet; linked by {@link SampleRef#next}. Under the lock. */
  private SampleRef arriving;

  /** Whether as many samples are tracked as may be. Written under the lock, read by callbacks. */
  private volatile boolean full;

  private volatile SampleListener listener;
  private final SampleDrainer drainer;

  /**
   * A ledger that nothing is sampled into yet.
   *
   * @param accounts the engines' accounts; an engine's id is its place
   * @param maxSamples how many samples are tracked, about; further ones are dropped and counted.
   *     Each takes some 64 bytes
   */
  public SampleLedger(List<? extends Account> accounts, long maxSamples) {
    this(accounts, maxSamples, new ReferenceQueue<>(), new SampleTable());
  }

  /** As the other, with a queue that says what it likes about what was collected, and a table. */
  SampleLedger(
      List<? extends Account> accounts,
      long maxSamples,
      ReferenceQueue<Object> queue,
      SampleTable table) {
    this.queue = queue;
    this.table = table;
    drainer = new SampleDrainer(queue, this::drain);
    this.charges = new SampleCharges(accounts);
    this.maxSamples = maxSamples;
    int cpus = Runtime.getRuntime().availableProcessors();
    stacks = new SampleStack[Integer.highestOneBit(Math.clamp(4L * cpus, 1, 64))];
    for (int i = 0; i < stacks.length; i++) {
      stacks[i] = new SampleStack(SampleWeight.mix(i));
    }
  }

  /**
   * Samples that a heap of this JVM's size should not exceed: one for each KiB of the maximum.
   *
   * @return a number for the constructor
   */
  public static long defaultMaxSamples() {
    return Math.max(1 << 16, Runtime.getRuntime().maxMemory() >> 10);
  }

  /**
   * Sets who is told of samples. The listener should have run once before, so that a sample does not
   * initialize its classes.
   *
   * @param newListener the listener, or null for none
   */
  public void listener(SampleListener newListener) {
    listener = newListener;
  }

  /** Sets who is told, inside callbacks too and again and again, of calls over their budget. */
  void onOverrun(Consumer<CallBudget> watcher) {
    charges.onOverrun(watcher);
  }

  @Override
  public void sampled(
      ThreadScope scope, Object object, long size, int interval, boolean lowStack) {
    SampleStack stack = stacks[(int) Thread.currentThread().threadId() & (stacks.length - 1)];
    long weight = SampleWeight.round(SampleWeight.of(size, interval), stack.random());
    record(stack, scope, scope.engine(), object, weight, lowStack);
  }

  private void record(
      SampleStack stack,
      ThreadScope scope,
      int engine,
      Object object,
      long weight,
      boolean lowStack) {
    if (engine < 0 || engine >= charges.engines()) {
      return; // The scope ended meanwhile, or belongs to an engine without a budget.
    }
    if (full) {
      charges.tally(engine).dropped.increment();
      return;
    }
    EngineThread thread = scope instanceof EngineThread own ? own : null;
    if (thread != null && thread.isAside()) {
      return;
    }
    CallBudget call = thread == null ? null : thread.budget();
    SampleRef ref = new SampleRef(object, queue, engine, call, weight);
    stack.push(ref);
    if (lowStack) {
      return;
    }
    charges.charge(ref, engine, call, thread);
    if (Thread.currentThread().isVirtual()) {
      charges.tally(engine).onVirtual.add(weight);
    }
    SampleListener told = listener;
    if (told != null) {
      told.sampled(charges.name(engine), object.getClass(), weight);
    }
  }

  /**
   * Gives back what the collector cleared and enqueued so far, and charges what threads with little
   * stack left to others. One sample that the drainer has in hand may be given back a moment later.
   *
   * @throws StackOverflowError if little stack is left; nothing has happened then
   */
  public void drain() {
    drain(null);
  }

  private void drain(Reference<?> first) {
    StackRoom.ensure();
    lock.lock();
    try {
      moveNew();
      for (Reference<?> ref = first; ref != null || (ref = queue.poll()) != null; ref = null) {
        release((SampleRef) ref);
      }
      settle();
    } finally {
      lock.unlock();
    }
  }

  /**
   * As {@link #drain}, and looks at every sample, as references are enqueued some time after a
   * collection has cleared them: after a collection and this, nothing that it found dead is charged.
   * Takes a few nanoseconds a sample.
   *
   * @throws StackOverflowError if little stack is left; nothing has happened then
   */
  public void sweep() {
    StackRoom.ensure();
    lock.lock();
    try {
      moveNew();
      while (queue.poll() != null) {
        // Found below: what is enqueued is cleared.
      }
      for (int i = table.size() - 1; i >= 0; i--) { // Downwards: removing moves the last.
        SampleRef ref = table.get(i);
        if (ref.refersTo(null)) {
          release(ref);
        }
      }
      settle();
    } finally {
      lock.unlock();
    }
  }

  /**
   * One engine's figures.
   *
   * @param engine its id
   * @return what is known now; garbage counts as live until it is collected and drained
   */
  public SampledHeap read(int engine) {
    return charges.tally(engine).read();
  }

  /**
   * What virtual threads allocated; for others the JVM counts exactly.
   *
   * @param engine its id
   * @return estimated bytes, without those of dropped samples
   */
  public long allocatedOnVirtualThreads(int engine) {
    return charges.tally(engine).onVirtual.sum();
  }

  /** Weight of all that an engine allocated, whoever has it now; without dropped samples. */
  long allocated(int engine) {
    SampleTally tally = charges.tally(engine);
    return tally.charged.sum() - tally.received.sum();
  }

  /** Weight of all that an engine had once: of what was found dead, or is another engine's. */
  long released(int engine) {
    return charges.tally(engine).released.sum();
  }

  /**
   * The samples of an engine whose objects live.
   *
   * @param engine its id
   * @param refs filled from the start as far as there are samples
   * @param objects filled likewise: holds the objects, which keeps the samples from being given back
   * @return how many; as many as there is room for if there are more
   */
  int hold(int engine, SampleRef[] refs, Object[] objects) {
    StackRoom.ensure();
    lock.lock();
    try {
      moveNew();
      int n = 0;
      for (int i = 0; i < table.size() && n < refs.length; i++) {
        SampleRef ref = table.get(i);
        Object object = ref.engine == engine ? ref.get() : null;
        if (object != null) {
          refs[n] = ref;
          objects[n++] = object;
        }
      }
      return n;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives samples to another engine. Their objects must be held, and the weights are charged to it
   * already; whoever calls takes them from the former engine's account.
   *
   * @param refs samples; null where none
   * @param from the engine that has them all
   * @param to the engine that gets them
   */
  void move(SampleRef[] refs, int from, int to) {
    StackRoom.ensure();
    lock.lock();
    try {
      for (SampleRef ref : refs) {
        if (ref != null) {
          charges.move(ref, from, to);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * What engines' heap ledgers should hold, compared with what they do. The ledgers are read twice,
   * before and after new samples are noticed: all that the first reading has is among the samples,
   * and what the second has not is being charged at the moment.
   *
   * @return for each engine, by its id
   */
  HeapReading[] weigh() {
    HeapReading[] readings = new HeapReading[charges.engines()];
    long[] before = new long[readings.length];
    long[] after = new long[readings.length];
    long[] tracked = new long[readings.length];
    StackRoom.ensure();
    lock.lock();
    try {
      charges.usedInto(before);
      moveNew();
      charges.usedInto(after);
      for (int i = 0; i < table.size(); i++) {
        SampleRef ref = table.get(i);
        tracked[ref.engine] += ref.weight;
      }
    } finally {
      lock.unlock();
    }
    for (int i = 0; i < readings.length; i++) {
      readings[i] = new HeapReading(tracked[i], tracked[i], before[i], after[i]);
    }
    return readings;
  }

  /**
   * Samples tracked now.
   *
   * @return how many
   */
  public long tracked() {
    lock.lock();
    try {
      moveNew();
      return table.size();
    } finally {
      lock.unlock();
    }
  }

  /** Starts the drainer. */
  public void start() {
    drainer.start();
  }

  /** Stops the drainer. What is charged stays charged. */
  @Override
  public void close() {
    drainer.close();
  }

  /**
   * Runs every step once, so that no class is initialized by a callback. Leaves nothing charged. To
   * be called before sampling starts.
   */
  void warmUp() {
    Object object = new Object();
    for (int i = 0; i < charges.engines(); i++) {
      SampleStack stack = stacks[i & (stacks.length - 1)];
      long some = SampleWeight.round(SampleWeight.of(16, 1 << 10), stack.random());
      record(stack, null, i, object, some & 0, false);
      record(stack, null, i, object, some & 0, true);
      charges.tally(i).onVirtual.add(some & 0);
    }
    drain();
    SampleFrames.insideRecorder();
    charges.resetTallies();
  }

  /** Without memory for a larger table, new samples stay where they are until there is some. */
  private void moveNew() {
    moveArriving();
    for (int i = 0; i < stacks.length && arriving == null; i++) {
      arriving = stacks[i].takeAll();
      moveArriving();
    }
    full = table.size() > maxSamples;
  }

  private void moveArriving() {
    while (arriving != null && table.add(arriving)) {
      SampleRef ref = arriving;
      arriving = ref.next;
      ref.next = null; // Nothing that is dead keeps another alive.
      charges.charge(ref, ref.engine, ref.call, null);
    }
  }

  /** Under the lock. */
  private void release(SampleRef ref) {
    if (ref.isGone()) {
      return; // A sweep was faster than the queue.
    }
    if (!table.holds(ref)) {
      moveNew();
    }
    if (table.holds(ref)) {
      table.remove(ref);
      ref.gone();
      charges.release(ref);
    }
  }

  private void settle() {
    charges.giveBack();
    full = table.size() > maxSamples;
  }
}
