package io.nodedb.mem.offheap;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;

/**
 * Runs an action once an object became unreachable. Like {@link java.lang.ref.Cleaner}, with a
 * difference that budgets need: {@link #drain} runs what is due on the caller's thread, so that a
 * breach is not decided while memory waits to be given back.
 *
 * <p>Tickets that wait are in doubly linked lists, one for each stripe, guarded by the list's head.
 * Whoever unlinks a ticket owns its action, so each runs at most once.
 */
final class EndOfLife {
  private static final int STRIPES = 16;

  private final ReferenceQueue<Object> queue = new ReferenceQueue<>();
  private final Ticket[] heads = new Ticket[STRIPES];

  EndOfLife() {
    for (int i = 0; i < STRIPES; i++) {
      heads[i] = new Ticket(this, null);
      heads[i].previous = heads[i];
      heads[i].next = heads[i];
    }
  }

  /**
   * Watches an object.
   *
   * @param object the object
   * @param action what to do at its end; must not refer to it, nor throw, nor block
   * @return to be kept if the action is to be cancelled or run early
   */
  Ticket watch(Object object, Runnable action) {
    Ticket head = heads[(int) Thread.currentThread().threadId() & (STRIPES - 1)];
    Ticket ticket = new Ticket(object, queue, head, action);
    synchronized (head) {
      ticket.previous = head;
      ticket.next = head.next;
      head.next.previous = ticket;
      head.next = ticket;
    }
    Reference.reachabilityFence(object);
    return ticket;
  }

  /** Runs the actions that are due. Returns how many. */
  int drain() {
    int ran = 0;
    Ticket ticket;
    while ((ticket = (Ticket) queue.poll()) != null) {
      ticket.run();
      ran++;
    }
    return ran;
  }

  /** Like {@link #drain}, but first waits for something to be due. */
  void await(long millis) throws InterruptedException {
    Ticket ticket = (Ticket) queue.remove(millis);
    if (ticket != null) {
      ticket.run();
      drain();
    }
  }

  /** One object's end. */
  static final class Ticket extends PhantomReference<Object> {
    private final Ticket head;
    private final Runnable action;
    private Ticket previous;
    private Ticket next;

    /** A head: never enqueued, as its referent lives as long as it does. */
    private Ticket(Object owner, Ticket head) {
      super(owner, null);
      this.head = head;
      this.action = null;
    }

    private Ticket(Object object, ReferenceQueue<Object> queue, Ticket head, Runnable action) {
      super(object, queue);
      this.head = head;
      this.action = action;
    }

    /** Runs the action now, unless it ran or was cancelled. */
    void run() {
      if (cancel()) {
        action.run();
      }
    }

    /** Forgets the action. Returns whether it was still to be run. */
    boolean cancel() {
      synchronized (head) {
        if (next == null) {
          return false;
        }
        previous.next = next;
        next.previous = previous;
        previous = null;
        next = null;
      }
      clear();
      return true;
    }
  }
}
