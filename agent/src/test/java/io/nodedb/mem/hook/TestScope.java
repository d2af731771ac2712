package io.nodedb.mem.hook;

/** A scope without a runtime: just the engine. */
public final class TestScope extends ThreadScope {
  private TestScope(int engine) {
    super(Thread.currentThread());
    this.engine = engine;
  }

  /** Runs a body inside an engine's scope on the current thread, which has none yet. */
  public static void run(int engine, Runnable body) {
    TestScope scope = new TestScope(engine);
    ThreadTable.add(scope);
    try {
      body.run();
    } finally {
      scope.engine = Hooks.NONE;
      ThreadTable.retire(scope);
    }
  }

  /** Calls as a hook does: with a frame of this package on the stack. */
  public static void hook(Runnable call) {
    call.run();
  }

  /** A scope that no thread is in. */
  public static ThreadScope of(int engine) {
    return new TestScope(engine);
  }

  @Override
  protected void enter(int to) {
    engine = to;
  }

  @Override
  protected int enterSite(int site) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void leave(int token) {
    engine = token;
  }

  @Override
  protected void poll() {}

  @Override
  protected void gate(long bytes) {}
}
