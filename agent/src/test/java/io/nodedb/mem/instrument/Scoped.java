package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;

/** What the tests of scopes run: every shape of method that the compiler writes. */
public class Scoped implements ScopedInterface, Callable<Integer> {
  /** Engines seen while this object was built: before {@code super()} and after. */
  public int beforeSuper;

  /** The engine after {@code super()}. */
  public int afterSuper;

  /** Not in a scope. */
  public Scoped() {}

  @EngineBudget(Engines.VECTOR)
  public Scoped(boolean fail) {
    this(RecordingRuntime.engine());
    afterSuper = RecordingRuntime.engine();
    if (fail) {
      throw new IllegalStateException("built to fail");
    }
  }

  private Scoped(int seen) {
    beforeSuper = seen;
  }

  @EngineBudget(Engines.QUERY)
  public int plain() {
    return RecordingRuntime.engine();
  }

  @EngineBudget(Engines.QUERY)
  public static long wide(long a, double b, Object c) {
    var seen = RecordingRuntime.engine();
    if (seen == 0) {
      return (long) (a + b);
    }
    for (int i = 0; i < 3; i++) {
      long longer = a + i;
      if (longer == 7) {
        return longer;
      }
    }
    return seen;
  }

  @EngineBudget(Engines.QUERY)
  public void fails() {
    throw new IllegalStateException("in " + RecordingRuntime.engine());
  }

  @EngineBudget(Engines.QUERY)
  public int catches() {
    try {
      fails();
      return -5;
    } catch (IllegalStateException e) {
      return RecordingRuntime.engine();
    } finally {
      inner();
    }
  }

  @EngineBudget(Engines.VECTOR)
  public int inner() {
    return RecordingRuntime.engine();
  }

  @EngineBudget(Engines.QUERY)
  public int[] nested() {
    var before = RecordingRuntime.engine();
    var in = inner();
    return new int[] {before, in, RecordingRuntime.engine()};
  }

  @EngineBudget(Engines.QUERY)
  public int recursive(int depth) {
    return depth == 0 ? RecordingRuntime.engine() : 10 * turn(depth - 1);
  }

  @EngineBudget(Engines.VECTOR)
  private int turn(int depth) {
    return RecordingRuntime.engine() + recursive(depth);
  }

  @EngineBudget(Engines.QUERY)
  public synchronized int locked() {
    return Thread.holdsLock(this) ? RecordingRuntime.engine() : -7;
  }

  @EngineBudget(value = Engines.WAL, mode = BreachMode.WAIT, perCall = "4KiB")
  public int site() {
    return RecordingRuntime.engine();
  }

  @Override
  @EngineBudget(Engines.WAL)
  public Integer call() {
    return RecordingRuntime.engine();
  }

  @EngineBudget(Engines.WAL)
  public int overloaded(int i) {
    return i == 0 ? RecordingRuntime.engine() : -3;
  }

  public int overloaded(long i) {
    return i == 0 ? RecordingRuntime.engine() : -3;
  }

  @EngineBudget(Engines.QUERY)
  public int selects(String word) {
    switch (word) {
      case "one":
        return RecordingRuntime.engine();
      case "two":
        return 2 * RecordingRuntime.engine();
      default:
        break;
    }
    try (var closing = new Closing()) {
      return closing.number() + RecordingRuntime.engine();
    }
  }

  /** Something to close. */
  public static final class Closing implements AutoCloseable {
    int number() {
      return 40;
    }

    @Override
    public void close() {}
  }

  /** Scoped as a whole. */
  @EngineBudget(Engines.VECTOR)
  public static final class Typed {
    /** The engine in which the class was initialized. */
    public static final int INITIALIZED = RecordingRuntime.engine();

    private final int built;

    public Typed() {
      built = RecordingRuntime.engine();
    }

    public int built() {
      return built;
    }

    public int method() {
      return RecordingRuntime.engine();
    }

    @EngineBudget(Engines.WAL)
    public int member() {
      return RecordingRuntime.engine();
    }

    public IntSupplier lambda() {
      return () -> RecordingRuntime.engine();
    }

    /** Nested types have an annotation of their own or none. */
    public static final class Nested {
      public int method() {
        return RecordingRuntime.engine();
      }
    }
  }

  /** A constructor with statements before {@code super()}. */
  public static class Late extends Scoped {
    @EngineBudget(Engines.WAL)
    public Late(String text) {
      int seen;
      try {
        seen = Integer.parseInt(text);
      } catch (NumberFormatException e) {
        seen = RecordingRuntime.engine();
      }
      for (int i = 0; i < 2; i++) {
        if (text.isEmpty() && i > 0) {
          throw new IllegalArgumentException(text);
        }
      }
      super(seen);
      afterSuper = RecordingRuntime.engine();
      try {
        if (text.equals("again")) {
          throw new IllegalStateException(text);
        }
      } catch (IllegalStateException e) {
        afterSuper += 100;
      }
    }
  }

  /** Annotations that open nothing. */
  public abstract static class Impossible {
    @EngineBudget(Engines.QUERY)
    abstract int without();

    @EngineBudget(Engines.QUERY)
    native int elsewhere();

    @EngineBudget(Engines.QUERY)
    int possible() {
      return RecordingRuntime.engine();
    }
  }

  /** Names an engine that is not configured. */
  public static class Unknown {
    @EngineBudget("quary")
    public int method() {
      return RecordingRuntime.engine();
    }
  }

  /** Has a size that cannot be read. */
  public static class BadSize {
    @EngineBudget(value = Engines.QUERY, perCall = "lots")
    public int method() {
      return RecordingRuntime.engine();
    }
  }
}
