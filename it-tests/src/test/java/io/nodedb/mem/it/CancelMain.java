package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.CallCancelledException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A call that holds most of its engine and never ends, beside a modest one. */
final class CancelMain {
  private static final int MIB = 1 << 20;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  private static volatile boolean done;
  private static volatile Object sink;

  private CancelMain() {}

  /** Holds so many mebibytes until it is stopped. */
  @EngineBudget(Engines.QUERY)
  static int hold(int mebibytes, CountDownLatch holding, long until) {
    List<byte[]> held = new ArrayList<>();
    for (int i = 0; i < mebibytes; i++) {
      held.add(new byte[MIB - 64]);
    }
    holding.countDown();
    int rounds = 0;
    while (!done && System.nanoTime() - until < 0) {
      sink = new byte[16];
      rounds++;
    }
    return held.size() + Math.min(rounds, 0);
  }

  private static String call(int mebibytes, CountDownLatch holding, long until) {
    try {
      return "held" + hold(mebibytes, holding, until);
    } catch (CallCancelledException e) {
      return "cancelled " + e.engine() + " " + e.bound() + " " + e.held() / MIB + " " + e.getMessage();
    } catch (BudgetExceededException e) {
      return "refused " + e.getMessage();
    }
  }

  public static void main(String[] args) throws Exception {
    long until = System.nanoTime() + Long.getLong("patience", PATIENCE);
    CountDownLatch holding = new CountDownLatch(2);
    String[] modest = new String[1];
    Thread other = new Thread(() -> modest[0] = call(3, holding, until + PATIENCE));
    other.start();
    System.out.println("hog=" + call(50, holding, until));
    System.out.println("pressure=" + after());
    done = true;
    other.join();
    System.out.println("modest=" + modest[0]);
    done = false;
    System.out.println("again=" + call(3, new CountDownLatch(1), System.nanoTime()));
    System.out.println(
        "rejections=" + MemoryGovernor.get().snapshot(Engines.QUERY).rejections());
  }

  /** What the hog held is garbage now; a collection tells. */
  private static String after() {
    long until = System.nanoTime() + PATIENCE;
    String level;
    do {
      System.gc();
      level = MemoryGovernor.get().snapshot(Engines.QUERY).pressure().name();
    } while (!level.equals("NORMAL") && System.nanoTime() - until < 0);
    return level;
  }
}
