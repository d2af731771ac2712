package io.nodedb.mem.it;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.Reservation;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Native requests in scopes of every kind, of an engine with a limit of 32 MiB. */
final class NativeScopesMain {
  private static final int TOO_MUCH = 40 << 20;
  private static final int MOST = 1000;

  private NativeScopesMain() {}

  /** Matched code. */
  static final class Engine {
    private Engine() {}

    @EngineBudget(value = "vector", mode = BreachMode.OBSERVE)
    static ByteBuffer observed() {
      return ByteBuffer.allocateDirect(TOO_MUCH);
    }

    @EngineBudget(value = "vector", mode = BreachMode.WAIT)
    static int waiting() {
      return ByteBuffer.allocateDirect(1 << 20).capacity();
    }

    @EngineBudget("vector")
    static int initializing() {
      return Initialized.BUFFER.capacity();
    }

    /** With next to no room. Returns how often the code that cleans up was served. */
    @EngineBudget("vector")
    static int cleaningUp(List<ByteBuffer> served) {
      try {
        ByteBuffer.allocateDirect(1 << 20);
        return -1;
      } catch (BudgetExceededException e) {
        try {
          while (served.size() < MOST) {
            served.add(ByteBuffer.allocateDirect(64 << 10));
          }
        } catch (BudgetExceededException again) {
          return served.size();
        }
        return MOST;
      }
    }
  }

  /** Its initializer asks for more than there is. */
  static final class Initialized {
    static final ByteBuffer BUFFER = ByteBuffer.allocateDirect(TOO_MUCH);

    private Initialized() {}
  }

  /** Without an annotation: a rule opens the scope and pins. */
  static final class Ruled {
    private Ruled() {}

    static int arena() {
      return MemoryGovernor.get().nativeMemory().currentArena().orElse(-1);
    }
  }

  public static void main(String[] args) throws Exception {
    say("outside", MemoryGovernor.get().nativeMemory().currentArena().orElse(-1));
    say("ruled", Ruled.arena());
    say("after", MemoryGovernor.get().nativeMemory().currentArena().orElse(-1));
    observe();
    collect();
    cleanUp();
    collect();
    waitForRoom();
    collect();
    try {
      say("initialized", Engine.initializing());
    } catch (Throwable t) {
      say("initialized", t);
    }
  }

  private static void observe() {
    try {
      ByteBuffer buffer = Engine.observed();
      say("observed", now().nativeBytes());
      Reference.reachabilityFence(buffer);
    } catch (BudgetExceededException e) {
      say("observed", e);
    }
  }

  private static void cleanUp() {
    List<ByteBuffer> served = new ArrayList<>();
    try (Reservation all = MemoryGovernor.get().reserve("vector", room() - 4096)) {
      say("served", Engine.cleaningUp(served));
      say("rejections", now().rejections());
      say("held", all.bytes());
    }
  }

  private static void waitForRoom() throws InterruptedException {
    Reservation all = MemoryGovernor.get().reserve("vector", room());
    CompletableFuture<Object> result = new CompletableFuture<>();
    Thread asking =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    result.complete(Engine.waiting());
                  } catch (Throwable t) {
                    result.complete(t);
                  }
                });
    while (!result.isDone() && asking.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    all.close();
    say("waited", result.join());
    asking.join();
  }

  private static void collect() {
    // What is over the limit also has polls look, until the last release has been seen to: so the
    // budget, which follows the ledger, and then a release of this thread's own.
    for (int i = 0; i < 200 && (now().nativeBytes() > 0 || room() < now().limit() / 2); i++) {
      System.gc();
    }
    MemoryGovernor.get().reserve("vector", 1 << 20).close();
    say("left", now().nativeBytes());
  }

  /** What the scopes have left on the heap is the engine's too. */
  private static long room() {
    EngineSnapshot now = now();
    return now.limit() - now.used();
  }

  private static EngineSnapshot now() {
    return MemoryGovernor.get().snapshot("vector");
  }

  private static void say(String key, Object value) {
    System.out.println(key + "=" + value);
  }
}
