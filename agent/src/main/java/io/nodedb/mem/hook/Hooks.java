package io.nodedb.mem.hook;

import jdk.internal.vm.annotation.ForceInline;

/**
 * The calls that instrumentation inserts. All are static, allocate nothing on their fast paths and
 * do nothing until {@link #install}.
 *
 * <p>A scope is a pair: {@code int token = enter(engine)} at entry, {@code exit(token)} on every way
 * out. The token is the engine to return to, so that an exit restores the state of its own entry,
 * whatever was lost in between.
 *
 * <p>Polls and gates are inlined wherever they stand: HotSpot heeds {@link ForceInline} in classes of
 * the boot loader, as this is one. By its own judgement it would leave calls in rarely taken branches,
 * and a call there spoils what it makes of the loop behind: Lucene's conversion to UTF-8, whose buffer
 * hardly ever grows, took 43 % more instructions.
 */
public final class Hooks {
  /** No engine. */
  public static final int NONE = -1;

  /** Token of an entry that changed nothing. */
  public static final int SAME = -2;

  /**
   * Highest token of an entry with a frame of its own, from {@link #enterSite}: {@code FRAME - n} is
   * the n-th on this thread, so that an exit can tell its frame from one whose exit was lost.
   */
  public static final int FRAME = -3;

  /** Of {@link #unasked} when every poll and gate has to look closer. */
  private static final long ASK = -1;

  /**
   * Arrays of fewer bytes are not asked for; {@link #ASK} if some engine is in breach. One field for
   * both, so that a gate has one read too. Not read before {@link Polling#begun}. Volatile keeps the
   * JIT from hoisting the read out of a loop; on x86-64 it is a plain read, but fields around it are
   * read anew.
   */
  private static volatile long unasked = Long.MAX_VALUE;

  /** Arrays of this many bytes are checked before allocation. Written once, before any hook runs. */
  private static long gateThreshold = Long.MAX_VALUE;

  private static volatile HookRuntime runtime;

  private Hooks() {}

  /**
   * Puts the runtime behind the hooks.
   *
   * @param newRuntime the runtime, or null to turn the hooks off for threads without a scope
   * @param threshold arrays of this many bytes are gated
   */
  public static void install(HookRuntime newRuntime, long threshold) {
    Polling.initialize();
    gateThreshold = threshold;
    attention(attention());
    runtime = newRuntime;
  }

  /**
   * Says how the VM lays out arrays, and links what classes of the JDK call. To be called before they
   * are rewritten.
   *
   * @param referenceShift log2 of the size of a reference in an array
   */
  public static void layout(int referenceShift) {
    Growth.install(referenceShift);
    TaskScopes.warmUp();
  }

  /**
   * Turns polls on or off.
   *
   * @param on whether some engine is in breach
   */
  public static void attention(boolean on) {
    if (on) {
      Polling.begin(); // First: what fails here must be tried again, so the flag must not be up.
    }
    unasked = on ? ASK : gateThreshold;
  }

  /**
   * Whether polls are on.
   *
   * @return what {@link #attention} was told last
   */
  public static boolean attention() {
    return unasked == ASK;
  }

  /**
   * Enters an engine's scope, or with {@link #NONE} suspends the one that is open.
   *
   * @param engine the engine's id, or {@link #NONE}
   * @return the token for {@link #exit}
   */
  public static int enter(int engine) {
    ThreadScope s = ThreadTable.current();
    if (s == null) {
      s = engine == NONE ? null : attach();
      if (s == null) {
        return SAME;
      }
    }
    int outer = s.engine;
    if (outer == engine) {
      return SAME;
    }
    s.enter(engine);
    return outer;
  }

  /**
   * Enters a scope that has a mode or a budget for the call.
   *
   * @param site the site's id
   * @return the token for {@link #exit}
   */
  public static int enterSite(int site) {
    ThreadScope s = ThreadTable.current();
    if (s == null) {
      s = attach();
      if (s == null) {
        return SAME;
      }
    }
    return s.enterSite(site);
  }

  /**
   * Leaves a scope.
   *
   * @param token what its entry returned
   */
  public static void exit(int token) {
    if (token != SAME) {
      ThreadScope s = ThreadTable.current();
      if (s != null) {
        s.leave(token);
      }
    }
  }

  /** Where matched code allocates, or calls code that does not poll: one read while all is well. */
  @ForceInline
  public static void poll() {
    if (Polling.begun() && unasked == ASK) {
      pollNow();
    }
  }

  /**
   * Before an array is allocated.
   *
   * @param length its length
   * @param shift log2 of its element size
   */
  @ForceInline
  public static void gate(int length, int shift) {
    if ((long) length << shift >= unasked()) {
      gateNow((long) length << shift);
    }
  }

  /**
   * Before arrays of that many bytes in all are allocated.
   *
   * @param bytes their size
   */
  @ForceInline
  public static void gateBytes(long bytes) {
    if (bytes >= unasked()) {
      gateNow(bytes);
    }
  }

  /**
   * Product of array dimensions, saturating; a negative dimension yields 0, as the allocation will
   * throw for it.
   *
   * @param bytes the product so far
   * @param dimension the next dimension
   * @return the product
   */
  @ForceInline
  public static long times(long bytes, int dimension) {
    if (dimension <= 0 || bytes <= 0) {
      return 0;
    }
    return bytes > Long.MAX_VALUE / dimension ? Long.MAX_VALUE : bytes * dimension;
  }

  @ForceInline
  private static long unasked() {
    return Polling.begun() ? unasked : gateThreshold;
  }

  private static ThreadScope attach() {
    HookRuntime r = runtime;
    if (r == null) {
      return null;
    }
    TaskScopes.use();
    ThreadScope s = r.newScope(Thread.currentThread());
    ThreadTable.add(s);
    return s;
  }

  /** Puts a virtual thread that has not started into a scope that lasts until it ends. */
  static void inherit(Thread child, int engine) {
    HookRuntime r = runtime;
    if (r != null) {
      ThreadScope s = r.newScope(child);
      s.enter(engine);
      ThreadTable.add(s);
    }
  }

  /** Before an array is allocated by code that does not poll. */
  static void gateLarge(long bytes) {
    if (bytes >= gateThreshold) {
      gateNow(bytes);
    }
  }

  private static void pollNow() {
    ThreadScope s = ThreadTable.current();
    if (s != null && s.engine != NONE && !s.sampling) {
      s.poll();
    }
  }

  private static void gateNow(long bytes) {
    ThreadScope s = ThreadTable.current();
    if (s != null && s.engine != NONE && !s.sampling) {
      if (bytes >= gateThreshold) {
        s.gate(bytes);
      } else {
        s.poll();
      }
    }
  }
}
