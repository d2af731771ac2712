package io.nodedb.mem.it;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineScope;
import io.nodedb.mem.Engines;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Every kind of code that a scope can be opened in; each allocates a MiB where it should count. */
final class ScopedPrograms {
  private ScopedPrograms() {}

  /** Annotated members. */
  static class Members {
    @EngineBudget(Engines.QUERY)
    Object returns() {
      return Meter.allocate(Meter.MIB);
    }

    @EngineBudget(Engines.QUERY)
    long returnsLongPastLocals(long a, double b, int n) {
      long sum = a;
      for (int i = 0; i < n; i++) {
        double each = b * i;
        sum += (long) each + Meter.allocate(Meter.MIB / n).length;
      }
      return sum;
    }

    @EngineBudget(Engines.QUERY)
    void throwsOut() {
      Meter.allocate(Meter.MIB);
      throw new IllegalStateException("as planned");
    }

    @EngineBudget(Engines.QUERY)
    int catchesItsOwn() {
      try {
        Meter.allocate(Meter.MIB / 2);
        Integer.parseInt("x");
        return 1;
      } catch (NumberFormatException e) {
        return 2;
      } finally {
        Meter.allocate(Meter.MIB / 2);
      }
    }

    @EngineBudget(Engines.QUERY)
    int recurses(int depth) {
      Meter.allocate(Meter.MIB / 4);
      return depth == 1 ? 1 : 1 + recurses(depth - 1);
    }

    @EngineBudget(Engines.QUERY)
    static Object isStatic() {
      return Meter.allocate(Meter.MIB);
    }

    @EngineBudget(Engines.QUERY)
    synchronized boolean isSynchronized() {
      Meter.allocate(Meter.MIB);
      return Thread.holdsLock(this);
    }

    @EngineBudget(Engines.QUERY)
    Object innermost() {
      Meter.allocate(Meter.MIB);
      Object kept = vector();
      Meter.allocate(Meter.MIB);
      return kept;
    }

    @EngineBudget(Engines.QUERY)
    Object innermostThrows() {
      try {
        return vectorThrows();
      } catch (IllegalStateException e) {
        return Meter.allocate(Meter.MIB);
      }
    }

    @EngineBudget(Engines.VECTOR)
    private Object vector() {
      return Meter.allocate(2 * Meter.MIB);
    }

    @EngineBudget(Engines.VECTOR)
    private Object vectorThrows() {
      Meter.allocate(2 * Meter.MIB);
      throw new IllegalStateException("as planned");
    }

    Object overloaded(int bytes) {
      return Meter.allocate(bytes);
    }

    @EngineBudget(Engines.QUERY)
    Object overloaded(String bytes) {
      return Meter.allocate(Integer.parseInt(bytes));
    }

    @EngineBudget(Engines.QUERY)
    Supplier<Object> makesLambda() {
      return () -> Meter.allocate(Meter.MIB);
    }

    @EngineBudget(Engines.QUERY)
    static List<Integer> throughTheJdk() {
      List<Integer> list = new ArrayList<>(Meter.MIB / 4);
      Meter.sink = list;
      return list;
    }
  }

  /** An annotated constructor: what it allocates after {@code super()} counts. */
  static class Base {
    final byte[] before = Meter.allocate(Meter.MIB);
  }

  static final class Constructed extends Base {
    final byte[] field = Meter.allocate(Meter.MIB);

    @EngineBudget(Engines.VECTOR)
    Constructed(int bytes) {
      Meter.allocate(bytes);
    }

    @EngineBudget(Engines.VECTOR)
    Constructed(boolean fails) {
      Meter.allocate(Meter.MIB);
      if (fails) {
        throw new IllegalStateException("as planned");
      }
    }

    @EngineBudget(Engines.SPARSE)
    Constructed() {
      this(Meter.MIB);
      Meter.allocate(Meter.MIB);
    }
  }

  @EngineBudget(Engines.CRDT)
  record Compact(byte[] bytes) {
    Compact {
      Meter.allocate(bytes.length);
    }
  }

  /** An annotated type: its members, static or not, and its lambdas' bodies. */
  @EngineBudget(Engines.CRDT)
  static final class Typed {
    static Object isStatic() {
      return Meter.allocate(Meter.MIB);
    }

    Object member() {
      return Meter.allocate(Meter.MIB);
    }

    Supplier<Object> lambda() {
      return () -> Meter.allocate(Meter.MIB);
    }

    @EngineBudget(Engines.WAL)
    Object wins() {
      return Meter.allocate(Meter.MIB);
    }
  }

  /** A subclass of an annotated type is not annotated. */
  @EngineBudget(Engines.CRDT)
  static class Parent {
    Object own() {
      return Meter.allocate(Meter.MIB);
    }
  }

  static final class Child extends Parent {
    @Override
    Object own() {
      return Meter.allocate(Meter.MIB);
    }
  }

  /** Called through its bridge. */
  static final class Bridged implements Function<String, byte[]> {
    @Override
    @EngineBudget(Engines.SPARSE)
    public byte[] apply(String size) {
      return Meter.allocate(Integer.parseInt(size));
    }
  }

  interface Defaulted {
    @EngineBudget(Engines.WAL)
    default Object byDefault() {
      return Meter.allocate(Meter.MIB);
    }

    @EngineBudget(Engines.WAL)
    static Object isStatic() {
      return Meter.allocate(Meter.MIB);
    }
  }

  static final class TakesDefault implements Defaulted {}

  enum Constants {
    ONE {
      @Override
      @EngineBudget(Engines.BRIDGE)
      Object make() {
        return Meter.allocate(Meter.MIB);
      }
    };

    abstract Object make();
  }

  /** Without annotations: see the rules in {@link ScopesIT}. */
  static class Ruled {
    final byte[] made = Meter.allocate(Meter.MIB);

    Object readRow() {
      return Meter.allocate(Meter.MIB);
    }

    Object other() {
      return Meter.allocate(Meter.MIB);
    }

    @EngineBudget(Engines.WAL)
    Object readAnnotated() {
      return Meter.allocate(Meter.MIB);
    }
  }

  /** Without annotations, everything matched by one rule. */
  static final class RuledWhole {
    static Object isStatic() {
      return Meter.allocate(Meter.MIB);
    }

    Supplier<Object> lambda() {
      return () -> Meter.allocate(Meter.MIB);
    }
  }

  private static void failing(Runnable work) {
    try {
      work.run();
      throw new AssertionError("did not throw");
    } catch (IllegalStateException e) {
      Meter.allocate(3 * Meter.MIB); // Outside again.
    }
  }

  public static void main(String[] args) throws Exception {
    Members m = new Members();
    Meter.print("outside", () -> Meter.allocate(Meter.MIB));
    Meter.print("returns", m::returns);
    Meter.print("returnsLong", () -> m.returnsLongPastLocals(1, 2, 4));
    Meter.print("throws", () -> failing(m::throwsOut));
    Meter.print("catches", m::catchesItsOwn);
    Meter.print("recurses", () -> m.recurses(4));
    Meter.print("static", Members::isStatic);
    Meter.print("synchronized", m::isSynchronized);
    System.out.println("locked=" + m.isSynchronized());
    System.out.println("unlocked=" + !Thread.holdsLock(m));
    Meter.print("innermost", m::innermost);
    Meter.print("innermostThrows", m::innermostThrows);
    Meter.print("overloadPlain", () -> m.overloaded(Meter.MIB));
    Meter.print("overloadScoped", () -> m.overloaded("" + Meter.MIB));
    Supplier<Object> made = m.makesLambda();
    Meter.print("lambdaOfMethod", made::get);
    Meter.print("jdk", Members::throughTheJdk);
    Meter.print("constructor", () -> Meter.sink = new Constructed(Meter.MIB));
    Meter.print("constructorThrows", () -> failing(() -> new Constructed(true)));
    Meter.print("constructorThis", () -> Meter.sink = new Constructed());
    byte[] size = new byte[Meter.MIB];
    Meter.print("record", () -> Meter.sink = new Compact(size));
    Typed typed = new Typed();
    Meter.print("typeStatic", Typed::isStatic);
    Meter.print("typeMember", typed::member);
    Meter.print("memberBeforeType", typed::wins);
    Supplier<Object> ofType = typed.lambda();
    Meter.print("lambdaOfType", ofType::get);
    Parent child = new Child();
    Meter.print("overriding", child::own);
    Function<String, byte[]> bridged = new Bridged();
    Meter.print("bridge", () -> bridged.apply("" + Meter.MIB));
    Defaulted defaulted = new TakesDefault();
    Meter.print("interfaceDefault", defaulted::byDefault);
    Meter.print("interfaceStatic", Defaulted::isStatic);
    Meter.print("enumConstant", Constants.ONE::make);
    Ruled ruled = new Ruled();
    Meter.print("ruleConstructor", Ruled::new);
    Meter.print("ruleMethod", ruled::readRow);
    Meter.print("ruleOther", ruled::other);
    Meter.print("annotationBeforeRule", ruled::readAnnotated);
    Meter.print("ruleWhole", RuledWhole::isStatic);
    Supplier<Object> ofRule = new RuledWhole().lambda();
    Meter.print("ruleLambda", ofRule::get);
    byHand();
  }

  private static void byHand() throws InterruptedException {
    Meter.print(
        "opened",
        () -> {
          try (EngineScope scope = EngineScope.open(Engines.BRIDGE)) {
            Meter.sink = scope;
            Meter.allocate(Meter.MIB);
          }
          Meter.allocate(Meter.MIB);
        });
    Runnable task = () -> Meter.allocate(Meter.MIB);
    Runnable wrapped;
    try (EngineScope scope = EngineScope.open(Engines.BRIDGE)) {
      wrapped = EngineScope.wrap(task);
      Meter.sink = scope;
    }
    Thread other = new Thread(wrapped);
    Meter.print(
        "wrapped",
        () -> {
          other.start();
          try {
            other.join();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
