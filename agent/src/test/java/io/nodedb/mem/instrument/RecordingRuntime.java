package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.HookRuntime;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.ThreadScope;
import io.nodedb.mem.hook.ThreadTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Stands in for the runtime: writes down what instrumented code calls. */
public final class RecordingRuntime implements HookRuntime {
  /** Sites are engines plus this. */
  static final int SITES = 100;

  /** Thrown where a poll or gate is told to refuse. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What a body may do on a thread of its own. */
  interface Body {
    void run() throws Throwable;
  }

  private volatile boolean refusing;

  private RecordingRuntime() {}

  /**
   * Runs a body on a new thread, with polls and gates all looking closely.
   *
   * @return the calls that reached the runtime from that thread
   */
  static List<String> record(Body body) throws Throwable {
    return new RecordingRuntime().runOnNewThread(body);
  }

  /** As {@link #record}, and every poll or gate inside a scope refuses. */
  static List<String> recordRefusing(Body body) throws Throwable {
    var runtime = new RecordingRuntime();
    runtime.refusing = true;
    return runtime.runOnNewThread(body);
  }

  private List<String> runOnNewThread(Body body) throws Throwable {
    Hooks.install(this, 1);
    Hooks.attention(true);
    try {
      var events = new ArrayList<String>();
      var failure = new Throwable[1];
      var thread =
          new Thread(
              () -> {
                try {
                  body.run();
                } catch (Throwable t) {
                  failure[0] = t;
                }
                if (ThreadTable.current() instanceof Scope scope) {
                  events.addAll(scope.events);
                  events.add("end in " + scope.engine());
                  ThreadTable.retire(scope); // Other tests' sweeps expect states of their own kind.
                }
              });
      thread.start();
      thread.join();
      if (failure[0] != null) {
        throw failure[0];
      }
      return events;
    } finally {
      Hooks.attention(false);
      Hooks.install(null, Long.MAX_VALUE);
    }
  }

  /** The engine that the current thread works for. */
  public static int engine() {
    var scope = ThreadTable.current();
    return scope == null ? Hooks.NONE : scope.engine();
  }

  @Override
  public ThreadScope newScope(Thread owner) {
    return new Scope(owner);
  }

  private final class Scope extends ThreadScope {
    private final List<String> events = new ArrayList<>();
    private final Deque<Integer> frames = new ArrayDeque<>();

    Scope(Thread owner) {
      super(owner);
    }

    @Override
    protected void enter(int to) {
      events.add("enter " + to);
      engine = to;
    }

    @Override
    protected int enterSite(int site) {
      events.add("enter site " + site);
      frames.push(engine);
      engine = site - SITES;
      return Hooks.FRAME - frames.size();
    }

    @Override
    protected void leave(int token) {
      engine = token <= Hooks.FRAME ? frames.pop() : token;
      events.add("back to " + engine);
    }

    @Override
    protected void poll() {
      events.add("poll");
      refuse();
    }

    @Override
    protected void gate(long bytes) {
      events.add("gate " + bytes);
      refuse();
    }

    private void refuse() {
      if (refusing) {
        throw new Refused();
      }
    }
  }
}
