package io.nodedb.mem.governor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Bytes at hand that one thread, the owner, takes and gives back without an atomic instruction (each is
 * 4 to 5 ns, and a reservation needed three). Whoever recalls them pays instead: an asymmetric Dekker
 * lock, as biased locking had one.
 *
 * <p>The owner says that it is busy, then looks whether it is shut; who shuts it says so, then looks
 * whether the owner is busy. Both need a full fence between the two, or both may miss the other. The
 * owner has none: the other executes a handshake with it (JEP 312), for which the owner stops between
 * two instructions, everything before them done and nothing behind them begun. {@link
 * Thread#getStackTrace} is a handshake that any program may ask for; its trace is thrown away. What the
 * JIT may reorder is held in place by the opaque and release modes.
 *
 * <p>Only the owner's methods are for the owner; the others take the monitor, and what they find is right
 * only under it.
 */
abstract class OwnerBytes extends LeasePadding {
  private static final int OPEN = 0;

  /** No longer open, and maybe not swept. */
  private static final int SHUT = 1;

  /** Nothing is left. */
  private static final int SWEPT = 2;

  /** Ids of threads are positive. */
  private static final long NOBODY = 0;

  /** An owner is busy for nanoseconds, unless the operating system takes its processor just then. */
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(20);

  private static final VarHandle AT_HAND;
  private static final VarHandle BUSY;
  private static final VarHandle STATE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      AT_HAND = lookup.findVarHandle(OwnerBytes.class, "atHand", long.class);
      BUSY = lookup.findVarHandle(OwnerBytes.class, "busy", boolean.class);
      STATE = lookup.findVarHandle(OwnerBytes.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long owner;

  /** Weak: a thread may hold on to a class loader, and a lease outlives its owner. */
  private final WeakReference<Thread> thread;

  /** The owner's while it is open, else of who holds the monitor. */
  private long atHand;

  private boolean busy;
  private int state;

  /**
   * Empty.
   *
   * @param owner a thread that {@link #mayOwn}, or null
   * @param open whether the owner may keep anything at hand at once
   */
  OwnerBytes(Thread owner, boolean open) {
    this.owner = owner == null ? NOBODY : owner.threadId();
    this.thread = owner == null ? null : new WeakReference<>(owner);
    this.state = owner != null && open ? OPEN : SWEPT;
  }

  /**
   * Whether a thread can be an owner. Not a virtual one: it need not be on a processor to be shaken
   * hands with, and there may be a million. Nor one with a {@code getStackTrace} of its own.
   */
  static boolean mayOwn(Thread thread) {
    if (thread.isVirtual()) {
      return false;
    }
    Class<?> type = thread.getClass();
    try {
      return type == Thread.class
          || type.getMethod("getStackTrace").getDeclaringClass() == Thread.class;
    } catch (NoSuchMethodException | LinkageError e) {
      return false;
    }
  }

  /**
   * Takes bytes.
   *
   * @return whether they were there, and the caller is the owner
   */
  final boolean takeOwn(long bytes) {
    if (Thread.currentThread().threadId() != owner) {
      return false;
    }
    boolean taken = false;
    BUSY.setOpaque(this, true);
    if ((int) STATE.getAcquire(this) == OPEN && atHand >= bytes) {
      atHand -= bytes;
      taken = true;
    }
    BUSY.setRelease(this, false);
    return taken;
  }

  /**
   * Gives bytes back.
   *
   * @param most how many there may be then
   * @return whether that was possible, and the caller is the owner
   */
  final boolean giveOwn(long bytes, long most) {
    if (Thread.currentThread().threadId() != owner) {
      return false;
    }
    boolean given = false;
    BUSY.setOpaque(this, true);
    if ((int) STATE.getAcquire(this) == OPEN && atHand <= most - bytes) {
      atHand += bytes;
      given = true;
    }
    BUSY.setRelease(this, false);
    return given;
  }

  /** What is there, about; exact under the monitor, or once nobody uses it. */
  final long ownUnspent() {
    return (long) AT_HAND.getOpaque(this);
  }

  final boolean isSwept() {
    return (int) STATE.getVolatile(this) == SWEPT;
  }

  /** Whether there was an owner that has ended. */
  final boolean orphaned() {
    if (thread == null) {
      return false;
    }
    Thread there = thread.get();
    return there == null || !there.isAlive();
  }

  /** Undoes {@link #sweep}. Under the monitor. A volatile read behind it comes after it. */
  final void openOwn() {
    if (owner != NOBODY) {
      STATE.setVolatile(this, OPEN);
    }
  }

  /**
   * Shuts it and takes what is there. Under the monitor. Where the owner is suspended in the
   * middle of it, or the heap has no room for the handshake, what is there stays for who sweeps next.
   *
   * @return bytes
   */
  final long sweep() {
    if (state == SWEPT) {
      return 0;
    }
    STATE.setVolatile(this, SHUT);
    if (!ownerHasSeen()) {
      return 0;
    }
    long left = atHand;
    atHand = 0;
    STATE.setRelease(this, SWEPT);
    return left;
  }

  private boolean ownerHasSeen() {
    Thread there = thread.get();
    if (there == null || there == Thread.currentThread() || !there.isAlive()) {
      return true;
    }
    try {
      there.getStackTrace();
    } catch (VirtualMachineError e) {
      // No room for the trace.
      return false;
    }
    if (!busy()) {
      return true;
    }
    long began = System.nanoTime();
    do {
      LockSupport.parkNanos(PAUSE);
    } while (busy() && System.nanoTime() - began < PATIENCE);
    return !busy();
  }

  private boolean busy() {
    return (boolean) BUSY.getAcquire(this);
  }
}
