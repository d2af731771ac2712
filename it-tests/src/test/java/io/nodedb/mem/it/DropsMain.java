package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Allocates and drops native memory on four threads, then asks for too much. */
final class DropsMain {
  private static final int THREADS = 4;
  private static final int TOO_MUCH = 300 << 20;
  private static final int COLLECTIONS = 200;

  private DropsMain() {}

  /** Matched code: nothing in it knows of budgets. */
  @EngineBudget("vector")
  static final class Engine {
    private Engine() {}

    static void drop(int operations, FileChannel file) {
      for (int i = 0; i < operations; i++) {
        try {
          dropOne(i, i % 100 == 50 ? file : null);
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    private static void dropOne(int i, FileChannel file) throws IOException {
      if (file != null) {
        file.map(MapMode.READ_ONLY, 0, 4096);
      }
      switch (i % 8) {
        case 0, 1, 2 -> ByteBuffer.allocateDirect(64 + i % 1000).put(0, (byte) 1);
        case 3 -> Arena.ofAuto().allocate(1 + i % 300).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        case 4 -> {
          try (Arena arena = Outside.arena()) {
            arena.allocateFrom("given by somebody else " + i);
          }
        }
        case 5 -> {
          if (i % 64 == 5) {
            try (Arena arena = Arena.ofShared()) {
              arena.allocate(5000);
            }
          }
        }
        default -> {
          try (Arena arena = Arena.ofConfined()) {
            arena.allocate(ValueLayout.JAVA_LONG, 1 + i % 40);
          }
        }
      }
    }

    static ByteBuffer kept() {
      return ByteBuffer.allocateDirect(1000);
    }

    static void tooMuchDirect() {
      ByteBuffer.allocateDirect(TOO_MUCH);
    }

    static void tooMuchOfOwn() {
      try (Arena arena = Arena.ofConfined()) {
        arena.allocate(TOO_MUCH);
      }
    }

    static void tooMuchOfGiven(Arena arena) {
      arena.allocate(TOO_MUCH, 64);
    }

    static MemorySegment tooMuchMapped(FileChannel file, Arena arena) throws IOException {
      return file.map(MapMode.READ_WRITE, 0, TOO_MUCH, arena);
    }
  }

  /** Not matched. */
  static final class Outside {
    private Outside() {}

    static Arena arena() {
      return Arena.ofConfined();
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  public static void main(String[] args) throws IOException {
    int each = Integer.parseInt(args[0]) / THREADS;
    Path path = Files.createTempFile("mapped", ".bin");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(4096));
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        threads.add(CompletableFuture.runAsync(() -> Engine.drop(each, file)));
      }
      threads.forEach(CompletableFuture::join);
      collectDownTo(0);
      refusals(file);
      say("highest", now().peak());
      collectDownTo(0);
      say("left", now().nativeBytes());
      say("mappedLeft", now().mapped());
      say("overReleases", now().overReleases());
    } finally {
      Files.delete(path);
    }
  }

  private static void refusals(FileChannel file) {
    ByteBuffer kept = Engine.kept();
    say("refusedBefore", now().nativeBytes());
    int refused = 0;
    try (Arena given = Outside.arena()) {
      List<Attempt> attempts =
          List.of(
              Engine::tooMuchDirect,
              Engine::tooMuchOfOwn,
              () -> Engine.tooMuchOfGiven(given),
              () -> Engine.tooMuchMapped(file, given));
      for (Attempt attempt : attempts) {
        refused += refuses(attempt) ? 1 : 0;
      }
    }
    say("refusals", refused);
    say("refusedAfter", now().nativeBytes());
    Reference.reachabilityFence(kept);
  }

  private static boolean refuses(Attempt attempt) {
    try {
      attempt.run();
      return false;
    } catch (BudgetExceededException e) {
      return true;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void collectDownTo(long bytes) {
    for (int i = 0; i < COLLECTIONS && now().nativeBytes() + now().mapped() > bytes; i++) {
      System.gc();
    }
  }

  private static EngineSnapshot now() {
    return MemoryGovernor.get().snapshot("vector");
  }

  private static void say(String key, long value) {
    System.out.println(key + "=" + value);
  }
}
