package io.nodedb.mem.governor;

import io.nodedb.mem.PressureListener;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Registration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Brings transitions to listeners, each on a daemon thread of its own with a bounded queue: the
 * oldest are dropped when a listener falls behind, as the newest tell how things stand.
 */
final class PressureDispatcher {
  private static final int BACKLOG = 256;

  private final List<Mailbox> mailboxes = new CopyOnWriteArrayList<>();
  private final Consumer<String> problems;

  PressureDispatcher(Consumer<String> problems) {
    this.problems = problems;
  }

  Registration add(PressureListener listener) {
    Mailbox mailbox = new Mailbox(Objects.requireNonNull(listener, "listener"));
    mailbox.start();
    mailboxes.add(mailbox);
    return () -> {
      mailboxes.remove(mailbox);
      mailbox.close();
    };
  }

  void dispatch(PressureTransition transition) {
    for (Mailbox mailbox : mailboxes) {
      mailbox.put(transition);
    }
  }

  void stop() {
    mailboxes.forEach(Mailbox::close);
    mailboxes.clear();
  }

  private final class Mailbox implements Runnable {
    private final PressureListener listener;
    private final Failsafe failsafe = new Failsafe(problems);

    /** Guarded by this, as is the next. Never grows: a transition is told inside an admission. */
    private final ArrayDeque<PressureTransition> queue = new ArrayDeque<>(BACKLOG);

    private boolean closed;

    Mailbox(PressureListener listener) {
      this.listener = listener;
    }

    /** At once, not at the first transition: a thread that cannot be started fails an admission. */
    void start() {
      Thread.ofPlatform()
          .daemon()
          .inheritInheritableThreadLocals(false)
          .name("nodedb-mem-pressure")
          .start(this);
    }

    synchronized void put(PressureTransition transition) {
      if (closed) {
        return;
      }
      if (queue.size() == BACKLOG) {
        queue.removeFirst();
      }
      queue.addLast(transition);
      notifyAll();
    }

    synchronized void close() {
      closed = true;
      notifyAll();
    }

    private synchronized PressureTransition take() {
      while (queue.isEmpty() && !closed) {
        try {
          wait();
        } catch (InterruptedException e) {
          // Nobody but a listener can have asked this thread to stop, and it may not.
          continue;
        }
      }
      return closed ? null : queue.removeFirst();
    }

    @Override
    public void run() {
      PressureTransition next;
      while ((next = take()) != null) {
        try {
          listener.onTransition(next);
        } catch (Throwable e) {
          failsafe.failed("pressure listener", listener, e);
        }
      }
    }
  }
}
