package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.ThreadScope;
import io.nodedb.mem.hook.ThreadTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one thread does for engines: exact allocation counts, the frames of its scopes, and how far it
 * may go on after a refusal.
 *
 * <p>All is written by the owner. The counts are read by one gatherer at a time under a sequence
 * lock: {@code version} is odd while a switch is under way, and a reader whose version moved looks
 * again later. The owner never waits.
 *
 * <p>A switch may meet a StackOverflowError at any call; the engine is set so that the thread is
 * where the interrupted code believes it to be: unchanged on a failed entry, left on a failed exit.
 */
final class EngineThread extends ThreadScope {
  private static final VarHandle VERSION;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      VERSION = lookup.findVarHandle(EngineThread.class, "version", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final HeapScopes heap;
  private final boolean virtual;
  private final long[] allocated;

  /** What the gatherer has taken of {@link #allocated}. */
  private final TakenCounts taken;

  private int version;
  private long mark;
  private CallFrame frame;

  final ArrayInFlight array;
  private boolean busy;

  /** In the breach order: what the thread allocates there is the agent's, not the engine's. */
  private boolean aside;

  private final Grace grace;

  EngineThread(Thread owner, HeapScopes heap) {
    super(owner);
    this.heap = heap;
    this.virtual = owner.isVirtual();
    this.allocated = new long[heap.engineCount()];
    this.taken = new TakenCounts(heap.engineCount());
    this.array = new ArrayInFlight(heap);
    this.grace = new Grace(heap.graceBytes());
  }

  @Override
  protected void enter(int to) {
    int from = engine;
    try {
      if (from == Hooks.NONE && frame == null && heap.followsCalls()) {
        frame = heap.follow(to, counter());
      }
      // Work of the agent's that opens a scope, on behalf of a handler say, is in it like any other.
      switchTo(to, false);
    } catch (Throwable t) {
      engine = from;
      if (from == Hooks.NONE) {
        frame = null;
      }
      throw t;
    }
  }

  @Override
  protected int enterSite(int number) {
    Site site = heap.site(number);
    if (engine == Hooks.NONE && frame == null && heap.followsCalls()) {
      frame = heap.follow(site.engine(), counter());
    }
    CallFrame opened = new CallFrame(frame, engine, site, counter());
    boolean watched =
        opened.opensBudget() && heap.isBehind(site.engine()) && StackRoom.isThere();
    enter(site.engine());
    frame = opened;
    if (watched) {
      heap.watch(opened.budget);
    }
    return Hooks.FRAME - opened.depth;
  }

  @Override
  protected void leave(int token) {
    int to = token;
    if (token <= Hooks.FRAME) {
      CallFrame mine = frame;
      while (mine != null && mine.depth > Hooks.FRAME - token) {
        mine = mine.outer;
      }
      if (mine == null) {
        return;
      }
      to = mine.outerEngine;
      if (mine.opensBudget()) {
        heap.closed(mine.budget);
      }
      frame = mine.outer;
    }
    try {
      if (to != engine) {
        array.land(); // Else it may do for the next array of the engine's.
      }
      grace.end();
      switchTo(to, busy);
    } finally {
      engine = to;
    }
    if (to == Hooks.NONE) {
      if (frame != null && frame.opensBudget()) {
        heap.closed(frame.budget);
      }
      frame = null;
      if (virtual) {
        ThreadTable.retire(this);
      }
    }
  }

  @Override
  protected void poll() {
    if (busy) {
      return;
    }
    Engine e = heap.engine(engine);
    settle();
    CallBudget budget = budget();
    if (budget != null && budget.outermost().askedToEnd() && !isExcused(0)) {
      budget.outermost().told();
      grace.begin(counter());
      throw heap.enforcement().cancelled(e, budget.outermost().held.get());
    }
    boolean call = budget != null && budget.over();
    if (!call && !heap.enforcement().needsAttention(e)) {
      grace.end();
      return;
    }
    if (grace.covers(counter())) {
      return;
    }
    BreachMode mode = mode(e);
    if (mode == BreachMode.OBSERVE && !grace.observeNow()) {
      return;
    }
    busy = true;
    try {
      stepAside();
      if (isExcused(0)) {
        return;
      }
      if (call) {
        heap.enforceCall(this, e, budget, mode);
      }
      heap.enforcement().enforce(e, mode);
    } catch (BudgetExceededException denial) {
      grace.begin(counter());
      throw denial;
    } finally {
      busy = false;
      stepBack();
    }
  }

  /** What a call may hold, and whether it is to end, comes before what its engine may. */
  private void endCall() {
    CallBudget budget = budget();
    if (budget != null) {
      settle();
      if (budget.hasToStop()) {
        poll();
      }
    }
  }

  /** Charging must not ask for room in turn, where it lets a collection of the JDK grow. */
  private void settle() {
    busy = true;
    try {
      heap.settle(this);
    } finally {
      busy = false;
    }
  }

  @Override
  protected void gate(long bytes) {
    if (busy) {
      return;
    }
    endCall();
    Engine e = heap.engine(engine);
    busy = true;
    try {
      heap.settle(this);
      if (!array.covers(engine, bytes) || !e.hasRoom(LedgerKind.HEAP, 0)) {
        array.land();
        if (!e.tryAdmit(LedgerKind.HEAP, bytes)) {
          stepAside();
          if (graceCovers(bytes) || isExcused(bytes)) {
            e.charge(LedgerKind.HEAP, bytes);
          } else {
            e.admit(LedgerKind.HEAP, bytes, mode(e));
          }
        }
        array.admitted(engine, bytes);
      }
      if (virtual && !heap.countsVirtual()) {
        allocated[engine] += bytes;
      }
    } catch (BudgetExceededException denial) {
      grace.begin(counter());
      throw denial;
    } finally {
      busy = false;
      stepBack();
    }
  }

  /**
   * Whether a refusal would do harm here. A thread that cleans up gets the grace of one that was
   * refused: it is nearly through, or it is refused after all.
   */
  private boolean isExcused(long bytes) {
    return switch (heap.place()) {
      case ORDINARY -> false;
      case FRAGILE -> true;
      case CLEANUP -> {
        grace.begin(counter());
        yield graceCovers(bytes);
      }
    };
  }

  /** On a virtual thread no counter will ever show the array, so the grace has to remember it. */
  private boolean graceCovers(long bytes) {
    return virtual ? grace.spend(counter(), bytes) : grace.covers(counter() + bytes);
  }

  /** Whether an engine's scope is the innermost. For the owner. */
  boolean isIn(Engine e) {
    return engine == e.id();
  }

  /**
   * Charges another ledger of the innermost scope's engine with what has no room at first. What is
   * allocated on behalf of a breach under way, by spill handlers say, is never refused.
   */
  void admit(LedgerKind kind, long bytes) {
    Engine e = heap.engine(engine);
    if (busy || grace.spend(counter(), bytes) || heap.isFragileHere()) {
      e.charge(kind, bytes);
      return;
    }
    breach(() -> e.admit(kind, bytes, mode(e)));
  }

  /** The same for native memory that is about to be allocated unasked; charges nothing. */
  void requireRoom(long bytes) {
    Engine e = heap.engine(engine);
    if (!busy && !grace.covers(counter()) && !isExcused(0)) {
      breach(() -> e.requireRoom(LedgerKind.NATIVE, bytes, bytes, mode(e)));
    }
  }

  private void breach(Runnable order) {
    busy = true;
    try {
      stepAside();
      order.run();
    } catch (BudgetExceededException denial) {
      grace.begin(counter());
      throw denial;
    } finally {
      busy = false;
      stepBack();
    }
  }

  /** Whether the thread does the agent's own work. For the owner. */
  boolean isAside() {
    return aside;
  }

  /**
   * From here to {@link #stepBack} nothing is counted: the breach order makes stacks, exceptions and
   * events, and an engine that is refused a thousand times a second would be carried past its limit by
   * them.
   */
  private void stepAside() {
    switchTo(engine, true);
  }

  private void stepBack() {
    if (aside) {
      try {
        switchTo(engine, false);
      } finally {
        aside = false;
      }
    }
  }

  /** Whether the thread is inside some engine; a racy read. */
  boolean running() {
    return engine != Hooks.NONE;
  }

  boolean isVirtual() {
    return virtual;
  }

  int version() {
    return (int) VERSION.getAcquire(this);
  }

  /** The budget of the call the thread is in; null if none. A racy read for other threads. */
  CallBudget budget() {
    CallFrame f = frame;
    return f == null ? null : f.budget;
  }

  /** The thread's counter; 0 on a virtual thread. For the owner. */
  long counter() {
    return virtual ? 0 : heap.counters().current();
  }

  /** About how much no gatherer has taken yet. For the owner. */
  long uncounted() {
    return engine == Hooks.NONE
        ? 0
        : allocated[engine] - taken.of(engine) + (virtual || aside ? 0 : counter() - mark);
  }

  /** Counts up to now. For the owner. */
  void count() {
    if (engine != Hooks.NONE) {
      switchTo(engine, aside);
    }
  }

  /** Takes what is counted, from a thread whose counter was read at some version of it. */
  boolean takeRunning(int at, long counter, AllocationTotals.Sink sink) {
    int e = aside ? Hooks.NONE : engine;
    long began = mark;
    long[] copy = allocated.clone();
    VarHandle.loadLoadFence();
    if ((at & 1) != 0 || version() != at || counter < 0) {
      return false;
    }
    if (e != Hooks.NONE) {
      copy[e] += counter - began;
    }
    taken.pass(copy, sink);
    return true;
  }

  /** Takes what is counted, without what the thread allocates right now. */
  void take(AllocationTotals.Sink sink) {
    taken.pass(allocated.clone(), sink);
  }

  private void switchTo(int to, boolean nowAside) {
    long now = counter();
    int odd = version | 1;
    VERSION.setRelease(this, odd);
    VarHandle.storeStoreFence();
    int from = engine;
    if (from != Hooks.NONE && !virtual && !aside) {
      allocated[from] += now - mark;
    }
    mark = now;
    engine = to;
    aside = nowAside;
    VERSION.setRelease(this, odd + 1);
  }

  private BreachMode mode(Engine e) {
    BreachMode own = CallFrame.mode(frame, engine);
    return own == BreachMode.INHERIT ? e.mode() : own;
  }
}
