package io.nodedb.mem.heap;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.governor.Enforcement;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.hook.HookRuntime;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.ThreadScope;
import io.nodedb.mem.hook.ThreadTable;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the scopes of all threads share; stands behind the hooks. */
final class HeapScopes implements HookRuntime {
  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private static final Module AGENT = HeapScopes.class.getModule();
  private static final String HOOKS = "io.nodedb.mem.hook.";

  private final Enforcement enforcement;
  private final Engine[] engines;
  private final ThreadCounters counters;
  private final HeapLedger ledger;
  private final long graceBytes;
  private final Cleanups cleanups = new Cleanups();
  private final List<Site> sites = new CopyOnWriteArrayList<>();

  /** What outermost calls hold is followed by these, one for each engine; null if it is not. */
  private volatile Site[] followed;

  HeapScopes(Governor governor, ThreadCounters counters, HeapLedger ledger, long graceBytes) {
    this.enforcement = governor.enforcement();
    this.engines = governor.engines().toArray(Engine[]::new);
    this.counters = counters;
    this.ledger = ledger;
    this.graceBytes = graceBytes;
  }

  @Override
  public ThreadScope newScope(Thread owner) {
    return new EngineThread(owner, this);
  }

  /** Gives a site its number; equal sites of different methods are different sites. */
  synchronized int register(Site site) {
    sites.add(site);
    return sites.size() - 1;
  }

  Site site(int number) {
    return sites.get(number);
  }

  Engine engine(int id) {
    return engines[id];
  }

  int engineCount() {
    return engines.length;
  }

  Enforcement enforcement() {
    return enforcement;
  }

  ThreadCounters counters() {
    return counters;
  }

  Cleanups cleanups() {
    return cleanups;
  }

  long graceBytes() {
    return graceBytes;
  }

  /** Whether samples tell what virtual threads allocate; if not, their gates count. */
  boolean countsVirtual() {
    return ledger.countsVirtual();
  }

  /** What gates hold for arrays about to be allocated, for each engine by its id. */
  long[] inflight() {
    long[] engineBytes = new long[engines.length];
    ThreadTable.sweep(scope -> ((EngineThread) scope).array.addTo(engineBytes));
    return engineBytes;
  }

  /** From now on, what each outermost call holds is known. */
  void followCalls() {
    Site[] all = new Site[engines.length];
    for (int i = 0; i < all.length; i++) {
      // Just below what means no budget: followed, and never over.
      all[i] = new Site(i, BreachMode.INHERIT, Long.MAX_VALUE - 1);
    }
    followed = all;
  }

  /** Asked before {@link #follow}, whose argument costs a reading of the thread's counter. */
  boolean followsCalls() {
    return followed != null;
  }

  /** The frame that follows a call into an engine from outside; null if none does. */
  CallFrame follow(int engine, long allocated) {
    Site[] all = followed;
    return all == null ? null : new CallFrame(null, Hooks.NONE, all[engine], allocated);
  }

  /** Asks a call to end at its next poll. Whether it had not been asked before. */
  boolean end(CallBudget call) {
    boolean first = call.askToEnd();
    if (first && call.attendEnd()) {
      enforcement.holdAttention();
    }
    return first;
  }

  void settle(EngineThread current) {
    ledger.settle(current);
  }

  /** Whether calls of an engine may get far before the ledger knows of it. */
  boolean isBehind(int engine) {
    return ledger.behind(engine) != 0;
  }

  void closed(CallBudget budget) {
    if (budget.close()) {
      enforcement.releaseAttention();
    }
  }

  /** Where a thread is, as far as refusing is concerned. */
  enum Place {
    ORDINARY,
    /** In a {@code finally} or where a resource is closed: not yet, if that takes little. */
    CLEANUP,
    /**
     * Where an exception would do lasting harm, so that nothing is refused: in a class initializer,
     * which would leave its class unusable for good; in the linking of a call site, which would fail
     * for ever; in the loading of a class; in the agent's own code, which uses collections of the JDK
     * too.
     */
    FRAGILE
  }

  /** Where the current thread is. Walks the stack; only asked at a breach. */
  Place place() {
    return STACK.walk(
        frames -> {
          Iterator<StackWalker.StackFrame> below =
              frames.dropWhile(f -> !f.getClassName().startsWith(HOOKS)).iterator();
          boolean caller = false;
          Place place = Place.ORDINARY;
          while (below.hasNext()) {
            StackWalker.StackFrame frame = below.next();
            if (isFragile(frame)) {
              return Place.FRAGILE;
            }
            if (cleanups.at(frame)) {
              place = Place.CLEANUP;
            }
            if (!caller && frame.getDeclaringClass().getClassLoader() != null) {
              caller = true; // Whose allocation it is, or whose collection grows.
              if (frame.getDeclaringClass().getModule() == AGENT && AGENT.isNamed()) {
                return Place.FRAGILE;
              }
            }
          }
          return place;
        });
  }

  /** Whether that is {@link Place#FRAGILE}, for requests that do not come through a hook. */
  boolean isFragileHere() {
    return STACK.walk(frames -> frames.anyMatch(HeapScopes::isFragile));
  }

  private static boolean isFragile(StackWalker.StackFrame frame) {
    return switch (frame.getMethodName()) {
      case "<clinit>", "loadClass", "defineClass" -> true;
      default -> frame.getClassName().equals("java.lang.invoke.MethodHandleNatives");
    };
  }

  /** A call is over its own budget: verifies, then refuses as the mode says. */
  void enforceCall(EngineThread thread, Engine engine, CallBudget budget, BreachMode mode) {
    enforcement.enforceCall(
        engine,
        budget.site.perCall(),
        () -> {
          ledger.update(budget, thread::counter);
          return budget.held.get();
        },
        mode);
  }

  /** Holds the attention flag up for calls that are over their budget. On the ticker's thread. */
  void watchCalls() {
    ThreadTable.sweep(
        scope -> {
          EngineThread thread = (EngineThread) scope;
          CallBudget budget = thread.budget();
          if (budget != null) {
            long counter = counters.of(new long[] {thread.ownerId()})[0];
            if (counter >= 0) {
              ledger.update(budget, () -> counter);
            }
            watch(budget);
          }
        });
  }

  /** Raises the flag for one call if it is over its budget, or may be before the ledger knows. */
  void watch(CallBudget budget) {
    if (budget.attend(ledger.behind(budget.site.engine()))) {
      enforcement.holdAttention();
    }
  }
}
