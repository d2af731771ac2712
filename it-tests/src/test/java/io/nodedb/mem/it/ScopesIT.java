package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose memory it is: scopes on every kind of code, seen through the governor's own figures. */
class ScopesIT {
  private static final String RULES =
      """
      ceiling = 700MiB
      rules = [
        { classes = "io.nodedb.mem.it.ScopedPrograms$Ruled", methods = "read*", engine = sparse }
        { classes = "io.nodedb.mem.it.ScopedPrograms$Ruled", methods = "<init>", engine = sparse }
        { classes = "io.nodedb.mem.it.ScopedPrograms$RuledWhole", engine = sparse }
      ]
      """;

  @TempDir Path directory;

  @Test
  void allocationIsCountedForTheInnermostScope() throws IOException {
    Path file = Files.writeString(directory.resolve("rules.conf"), RULES);
    ChildJvm.Result result =
        ChildJvm.running(ScopedPrograms.class).agent("config=" + file).run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);

    Map<String, String> told = new LinkedHashMap<>();
    result.out().forEach(l -> told.put(l.split("=", 2)[0], l.split("=", 2)[1]));
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("outside", "");
    expected.put("returns", "query:1024");
    expected.put("returnsLong", "query:1024");
    expected.put("throws", "query:1024");
    expected.put("catches", "query:1024");
    expected.put("recurses", "query:1024");
    expected.put("static", "query:1024");
    expected.put("synchronized", "query:1024");
    expected.put("locked", "true");
    expected.put("unlocked", "true");
    expected.put("innermost", "query:2048 vector:2048");
    expected.put("innermostThrows", "query:1024 vector:2048");
    expected.put("overloadPlain", "");
    expected.put("overloadScoped", "query:1024");
    expected.put("lambdaOfMethod", "");
    expected.put("jdk", "query:1024");
    expected.put("constructor", "vector:2048");
    expected.put("constructorThrows", "vector:2048");
    expected.put("constructorThis", "sparse:1024 vector:2048");
    expected.put("record", "crdt:1024");
    expected.put("typeStatic", "crdt:1024");
    expected.put("typeMember", "crdt:1024");
    expected.put("memberBeforeType", "wal:1024");
    expected.put("lambdaOfType", "crdt:1024");
    expected.put("overriding", "");
    expected.put("bridge", "sparse:1024");
    expected.put("interfaceDefault", "wal:1024");
    expected.put("interfaceStatic", "wal:1024");
    expected.put("enumConstant", "bridge:1024");
    expected.put("ruleConstructor", "sparse:1024");
    expected.put("ruleMethod", "sparse:1024");
    expected.put("ruleOther", "");
    expected.put("annotationBeforeRule", "wal:1024");
    expected.put("ruleWhole", "sparse:1024");
    expected.put("ruleLambda", "sparse:1024");
    expected.put("opened", "bridge:1024");
    expected.put("wrapped", "bridge:1024");
    assertThat(told).containsExactlyEntriesOf(expected);
  }

  /** Keeps and drops objects in one engine, on platform and on virtual threads. */
  static final class Keeper {
    private static final int PIECE = 1 << 10;
    private List<byte[]> kept = new ArrayList<>();

    private Keeper() {}

    @EngineBudget(Engines.TIMESERIES)
    void keep(int pieces) {
      for (int i = 0; i < pieces; i++) {
        kept.add(new byte[PIECE]);
      }
    }

    public static void main(String[] args) throws InterruptedException {
      Keeper keeper = new Keeper();
      keeper.keep(8 << 10);
      Thread virtual = Thread.startVirtualThread(() -> keeper.keep(8 << 10));
      virtual.join();
      print("held");
      keeper.kept = new ArrayList<>();
      // What was cleared is given back a moment later.
      for (int i = 0; i < 100 && heap() > Meter.MIB; i++) {
        System.gc();
      }
      print("dropped");
    }

    private static void print(String name) {
      System.gc();
      long heap = heap();
      System.out.println(name + "=" + heap);
      long others =
          MemoryGovernor.get().snapshot().engines().stream()
              .filter(e -> !e.name().equals(Engines.TIMESERIES))
              .mapToLong(EngineSnapshot::used)
              .sum();
      System.out.println(name + "Others=" + others);
    }

    private static long heap() {
      return MemoryGovernor.get().snapshot(Engines.TIMESERIES).heap();
    }
  }

  /** What a poll needs is initialized by the agent: a class that fails at that fails for good. */
  @Test
  void firstPollMayMeetTheEndOfTheStack() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("polls.conf"),
            """
            ceiling = 700MiB
            rules = [ { classes = "io.nodedb.mem.it.FirstPollMain$Polled" } ]
            """);
    ChildJvm.Result result =
        ChildJvm.running(FirstPollMain.class).agent("config=" + file).jvm("-Xss512k").run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("overflown")).as(result.all()).isEqualTo("true");
    assertThat(result.value("polled")).as(result.all()).isEqualTo("true");
  }

  @Test
  void liveHeapFollowsWhatIsHeld() {
    ChildJvm.Result result =
        ChildJvm.running(Keeper.class)
            .agent("ceiling=700MiB,heap.sampling-interval=0")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    boolean sampled = result.sampled();
    long held = 16L * (1 << 20);
    // An estimate believes that young objects die: the collection in the child finds much garbage.
    assertThat(Long.parseLong(result.value("held")))
        .as(result.all())
        .isBetween(sampled ? held : held / 16, sampled ? held * 11 / 10 : held * 2);
    assertThat(Long.parseLong(result.value("dropped")))
        .as(result.all())
        .isLessThan(sampled ? held / 8 : held);
    assertThat(Long.parseLong(result.value("heldOthers"))).as(result.all()).isZero();
  }
}
