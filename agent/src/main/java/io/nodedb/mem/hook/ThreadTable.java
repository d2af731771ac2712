package io.nodedb.mem.hook;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Thread to {@link ThreadScope}, by thread id.
 *
 * <p>Not a {@link ThreadLocal}: hooks run in the middle of any allocation, also of the one inside
 * {@code ThreadLocalMap.set}, whose table may not be read then without risk (a look-up expunges
 * stale entries and so moves others). Here a look-up writes nothing.
 *
 * <p>Buckets are singly linked lists. Owners push at the head by CAS; one sweeper at a time, under
 * the table's monitor, unlinks what is retired or whose thread was collected. A reader that stands on
 * an unlinked node still sees its {@code next}. Nobody but the owner looks for an id, so an owner
 * never misses its own entry.
 */
public final class ThreadTable {
  private static final int BUCKETS = 4096;
  private static final AtomicReferenceArray<ThreadScope> TABLE =
      new AtomicReferenceArray<>(BUCKETS);

  private ThreadTable() {}

  /**
   * The current thread's state.
   *
   * @return the state, or null if it never entered a scope
   */
  public static ThreadScope current() {
    long id = Thread.currentThread().threadId();
    ThreadScope s = TABLE.getPlain((int) id & (BUCKETS - 1));
    while (s != null && s.threadId != id) {
      s = s.next;
    }
    return s;
  }

  static void add(ThreadScope scope) {
    int bucket = (int) scope.threadId & (BUCKETS - 1);
    ThreadScope head;
    do {
      head = TABLE.get(bucket);
      scope.next = head;
    } while (!TABLE.compareAndSet(bucket, head, scope));
  }

  /**
   * Forgets the state of a thread that leaves its outermost scope. The next scope gets a new one.
   *
   * @param scope the current thread's state
   */
  public static void retire(ThreadScope scope) {
    scope.threadId = 0;
  }

  /**
   * Shows every state, and unlinks those that are retired or whose thread is gone; what
   * is recorded of tasks that are gone goes too.
   *
   * @param each told of every state, also of those just unlinked
   */
  public static synchronized void sweep(Consumer<ThreadScope> each) {
    TaskTable.sweep();
    for (int i = 0; i < BUCKETS; i++) {
      ThreadScope before = null;
      ThreadScope s = TABLE.get(i);
      while (s != null) {
        each.accept(s);
        ThreadScope after = s.next;
        if (s.threadId != 0 && !s.refersTo(null)) {
          before = s;
        } else if (before != null) {
          before.next = after;
        } else if (!TABLE.compareAndSet(i, s, after)) {
          // A new head was pushed meanwhile: what is before s now has to be found.
          before = TABLE.get(i);
          while (before.next != s) {
            before = before.next;
          }
          before.next = after;
        }
        s = after;
      }
    }
  }
}
