package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What engines do that run out of budget. One program for each first argument. */
final class RefusalPrograms {
  private static final int KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  /** What {@link Library} calls keep; dropping it makes garbage of all. */
  private static volatile Object kept;

  private RefusalPrograms() {}

  /** Third-party code, matched by a rule: each method would go on until memory ends. */
  static final class Library {
    private Library() {}

    private record Node(Node next, long a, long b) {}

    static void smallObjects() {
      Node head = null;
      while (true) {
        head = new Node(head, 1, 2);
        kept = head;
      }
    }

    static void smallArrays() {
      List<byte[]> all = new ArrayList<>();
      kept = all;
      while (true) {
        all.add(new byte[KIB]);
      }
    }

    /** No call but of what grows by itself: nothing here polls but the arrays' gates. */
    static void gatesOnly() {
      ArrayList<long[]> all = new ArrayList<>();
      kept = all;
      while (true) {
        all.add(new long[KIB]);
      }
    }

    static void largeArrays() {
      List<long[]> all = new ArrayList<>();
      kept = all;
      while (true) {
        all.add(new long[8 * KIB]);
      }
    }

    static void oneHugeArray() {
      kept = new byte[(int) (100 * MIB)];
    }

    static void manyDimensions() {
      List<int[][]> all = new ArrayList<>();
      kept = all;
      while (true) {
        all.add(new int[64][KIB]);
      }
    }

    static void copies() {
      byte[] bytes = new byte[64 * KIB];
      List<byte[]> all = new ArrayList<>();
      kept = all;
      while (true) {
        all.add(bytes.clone());
        all.add(Arrays.copyOf(bytes, bytes.length));
        all.add(Arrays.copyOfRange(bytes, 1, bytes.length));
      }
    }

    static void growing() {
      byte[] bytes = new byte[KIB];
      while (true) {
        bytes = Arrays.copyOf(bytes, bytes.length * 2);
        kept = bytes;
      }
    }

    static void hashMap() {
      Map<Integer, String> all = new HashMap<>();
      kept = all;
      for (int i = 0; ; i++) {
        all.put(i, "value " + i);
      }
    }

    static void arrayList() {
      List<Object> all = new ArrayList<>();
      kept = all;
      while (true) {
        all.add(new Object());
      }
    }

    static void stringBuilder() {
      StringBuilder text = new StringBuilder();
      kept = text;
      while (true) {
        text.append("another piece of text");
      }
    }

    static void garbage(long bytes) {
      long sum = 0;
      for (long done = 0; done < bytes; done += 3 * KIB) {
        byte[] one = new byte[KIB];
        byte[] other = new byte[2 * KIB];
        kept = one;
        kept = other;
        sum += one.length + other.length;
      }
      kept = sum;
    }

    static Object piece(int bytes) {
      return new byte[bytes];
    }
  }

  /** The engine's own code. */
  static final class Engine {
    private Engine() {}

    @EngineBudget(Engines.QUERY)
    static void run(Runnable work) {
      work.run();
    }

    @EngineBudget(value = Engines.QUERY, perCall = "8MiB")
    static void bounded(Runnable work) {
      work.run();
    }
  }

  private static void out(String key, Object value) {
    System.out.println(key + "=" + value);
  }

  private static EngineSnapshot now() {
    return MemoryGovernor.get().snapshot(Engines.QUERY);
  }

  /** What was dropped is given back a moment after it was collected. */
  private static void settle() {
    for (int i = 0; i < 20 && now().heap() > 4 * MIB; i++) {
      System.gc();
    }
  }

  /** Refused, free again, and good for smaller work. */
  private static void refused(Runnable work) {
    for (int round = 0; round < 2; round++) {
      try {
        Engine.run(work);
        out("refused" + round, "nothing");
      } catch (BudgetExceededException e) {
        out("refused" + round, e.engine() + " " + e.bound());
        out("message" + round, e.getMessage());
      }
      kept = null;
      settle();
    }
    Engine.run(() -> kept = Library.piece((int) (4 * MIB)));
    out("again", "ok");
    out("rejections", now().rejections());
    out("peak", now().peak());
  }

  /** Takes more than the engine's limit before it is initialized. */
  static final class Heavy {
    static final List<Object> PIECES = new ArrayList<>();

    static {
      for (int i = 0; i < 80; i++) {
        PIECES.add(Library.piece((int) MIB));
      }
    }

    private Heavy() {}

    static int pieces() {
      return PIECES.size();
    }
  }

  private static void classInitializer() {
    Engine.run(() -> out("pieces", Heavy.pieces()));
    try {
      Engine.run(() -> kept = Library.piece((int) MIB));
      out("after", "nothing");
    } catch (BudgetExceededException e) {
      out("after", "refused");
    }
    Heavy.PIECES.clear();
    Engine.run(() -> out("piecesAgain", Heavy.pieces()));
  }

  private static void grace() {
    try {
      Engine.run(
          () -> {
            try {
              Library.smallArrays();
            } finally {
              List<Object> closing = new ArrayList<>();
              for (int i = 0; i < 256; i++) {
                closing.add(Library.piece(KIB));
              }
              out("closed", closing.size());
            }
          });
    } catch (BudgetExceededException e) {
      out("refused", e.bound());
    }
    kept = null;
    long[] more = new long[1];
    try {
      Engine.run(
          () -> {
            try {
              Library.smallArrays();
            } catch (BudgetExceededException e) {
              for (List<Object> endless = new ArrayList<>(); ; more[0]++) {
                endless.add(Library.piece(KIB));
              }
            }
          });
    } catch (BudgetExceededException e) {
      out("refusedAgain", e.bound());
    }
    out("moreKiB", more[0]);
  }

  private static void observe() {
    List<Object> all = new ArrayList<>();
    Engine.run(
        () -> {
          for (int i = 0; i < 64; i++) {
            all.add(Library.piece((int) MIB / 2));
            all.add(Library.piece(512));
          }
        });
    out("pieces", all.size());
    out("rejections", now().rejections());
    out("used", now().used() / MIB);
    out("mode", now().mode());
  }

  /** Held by the main thread in the engine, wanted by another, dropped: no collection asked for. */
  private static void waits() throws InterruptedException {
    List<Object> held = new ArrayList<>();
    Engine.run(
        () -> {
          for (int i = 0; i < 28; i++) {
            held.add(Library.piece((int) MIB));
          }
        });
    List<Object> wanted = new ArrayList<>();
    String[] result = {"nothing"};
    Thread waiter =
        new Thread(
            () ->
                Engine.run(
                    () -> {
                      try {
                        for (int i = 0; i < 16; i++) {
                          wanted.add(Library.piece((int) MIB));
                        }
                        result[0] = "done";
                      } catch (BudgetExceededException e) {
                        result[0] = e.getMessage();
                      }
                    }));
    waiter.start();
    while (waiter.isAlive() && !(wanted.size() > 1 && parked(waiter))) {
      Thread.onSpinWait();
    }
    out("waitedWith", wanted.size());
    held.clear();
    waiter.join();
    out("result", result[0]);
    out("pieces", wanted.size());
    out("rejections", now().rejections());
  }

  private static boolean parked(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(f -> f.getClassName().endsWith("WaitQueue"));
  }

  private static void perCallAtGates() {
    try {
      Engine.bounded(Library::gatesOnly);
    } catch (BudgetExceededException e) {
      out("call", e.bound() + " " + e.limit() / MIB);
    }
    out("held", ((List<?>) kept).size() / 128);
  }

  private static void perCall() {
    for (int round = 0; round < 2; round++) {
      try {
        Engine.bounded(Library::smallArrays);
        out("call" + round, "nothing");
      } catch (BudgetExceededException e) {
        out("call" + round, e.bound() + " " + e.limit() / MIB);
      }
      out("held" + round, ((List<?>) kept).size() / KIB);
      kept = null;
    }
    Supplier<Object> within = () -> kept = Library.piece((int) (6 * MIB));
    Engine.bounded(
        () -> {
          within.get();
          kept = null;
          Engine.bounded(within::get); // Nested: the outermost call's budget goes on.
        });
    Engine.run(() -> kept = Library.piece((int) (12 * MIB)));
    out("within", "ok");
  }


  public static void main(String[] args) throws InterruptedException {
    switch (args[0]) {
      case "smallObjects" -> refused(Library::smallObjects);
      case "smallArrays" -> refused(Library::smallArrays);
      case "largeArrays" -> refused(Library::largeArrays);
      case "oneHugeArray" -> refused(Library::oneHugeArray);
      case "manyDimensions" -> refused(Library::manyDimensions);
      case "copies" -> refused(Library::copies);
      case "growing" -> refused(Library::growing);
      case "hashMap" -> refused(Library::hashMap);
      case "arrayList" -> refused(Library::arrayList);
      case "stringBuilder" -> refused(Library::stringBuilder);
      case "classInitializer" -> classInitializer();
      case "grace" -> grace();
      case "observe" -> observe();
      case "wait" -> waits();
      case "perCall" -> perCall();
      case "perCallAtGates" -> perCallAtGates();
      case "garbage" -> {
        Engine.run(() -> Library.garbage(320 * MIB));
        out("rejections", now().rejections());
        out("allocated", now().allocated() / MIB);
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
