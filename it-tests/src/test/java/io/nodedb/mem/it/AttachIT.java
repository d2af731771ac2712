package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.VirtualMachine;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent comes to a JVM that has been running for a while. */
class AttachIT {
  @TempDir Path directory;

  /** Works once for each empty line it reads, in classes that were loaded and run before. */
  static final class Running {
    private static volatile Object sink;

    private Running() {}

    @EngineBudget(Engines.QUERY)
    static void annotated() {
      sink = new byte[Meter.MIB];
    }

    static void ruled() {
      sink = new byte[Meter.MIB];
    }

    @EngineBudget(Engines.WAL)
    static Supplier<Object> inLambda() {
      return () -> sink = new byte[Meter.MIB];
    }

    static Object typed() {
      return Typed.make();
    }

    public static void main(String[] args) throws IOException {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      MemoryGovernor before = MemoryGovernor.get();
      work("first");
      while (in.readLine().isEmpty()) {
        System.out.println("sameAsBefore=" + (before == MemoryGovernor.get()));
        work("again");
      }
    }

    private static void work(String when) {
      if (MemoryGovernor.get().active()) {
        annotated(); // The first scope has more to do than to allocate.
        Meter.print("annotated", Running::annotated);
        Meter.print("ruled", Running::ruled);
        Meter.print("typed", Running::typed);
      } else {
        annotated();
        ruled();
        sink = typed();
        sink = inLambda().get();
      }
      System.out.println(when + "=" + MemoryGovernor.get().active());
    }
  }

  /** Annotated as a whole. */
  @EngineBudget(Engines.CRDT)
  static final class Typed {
    private Typed() {}

    static Object make() {
      return new byte[Meter.MIB];
    }
  }

  private static String untilLine(BufferedReader out, String key) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(key + "=")) {
        return seen + line;
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no " + key + " after\n" + seen);
  }

  private static void load(VirtualMachine vm, String arguments) throws Exception {
    vm.loadAgent(ChildJvm.agentJar().toString(), arguments);
  }

  @Test
  void refusedConfigurationLeavesTheApplicationAndAGoodOneGovernsIt() throws Exception {
    Path rules =
        Files.writeString(
            directory.resolve("rules.conf"),
            """
            ceiling = 700MiB
            rules = [
              { classes = "io.nodedb.mem.it.AttachIT$Running", methods = ruled, engine = sparse }
            ]
            """);
    Path err = directory.resolve("err");
    Process child =
        ChildJvm.running(Running.class)
            .jvm("-XX:+EnableDynamicAgentLoading")
            .start(Redirect.PIPE, Redirect.to(err.toFile()));
    try (var out = child.inputReader();
        var in = child.outputWriter()) {
      assertThat(untilLine(out, "first")).isEqualTo("first=false");
      VirtualMachine vm = VirtualMachine.attach(String.valueOf(child.pid()));
      try {
        assertThatThrownBy(() -> load(vm, "ceiling=lots"))
            .isInstanceOf(AgentInitializationException.class);
        assertThat(Files.readString(err))
            .contains("nodedb-mem: agent argument: ceiling = lots: not a size; write a size");
        in.write("\n");
        in.flush();
        assertThat(untilLine(out, "again")).isEqualTo("sameAsBefore=true\nagain=false");

        load(vm, "config=" + rules);
        in.write("\n");
        in.flush();
        assertThat(untilLine(out, "again"))
            .isEqualTo(
                """
                sameAsBefore=false
                annotated=query:1024
                ruled=sparse:1024
                typed=crdt:1024
                again=true""");

        assertThatThrownBy(() -> load(vm, "config=" + rules))
            .isInstanceOf(AgentInitializationException.class);
        in.write("\n");
        in.flush();
        assertThat(untilLine(out, "again")).contains("annotated=query:1024", "again=true");
      } finally {
        vm.detach();
      }
      in.write("end\n");
      in.flush();
      assertThat(child.waitFor()).isZero();
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(Files.readAllLines(err).stream().filter(l -> l.startsWith("nodedb-mem: ")))
        .hasSize(3)
        .satisfiesExactly(
            refused -> assertThat(refused).contains("ceiling = lots"),
            started -> assertThat(started).contains("ceiling 700MiB"),
            twice -> assertThat(twice).contains("already"));
  }
}
