package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of broken configuration ends the process before {@code main}, with one line: place, key,
 * value, problem, remedy. That each reader finds what is wrong is tested where the readers are; here
 * it is the way from the operator's words to the exit.
 */
@Execution(ExecutionMode.CONCURRENT)
class RefusedConfigurationIT {
  @TempDir Path directory;

  /** Must not be reached. */
  static final class Reached {
    private Reached() {}

    public static void main(String[] args) {
      System.out.println("main was reached");
    }
  }

  /**
   * One broken configuration.
   *
   * @param file the text of nodedb-mem.conf in the working directory; null for none
   * @param variable an environment variable; null for none
   * @param value the variable's value
   * @param arguments the agent's arguments
   * @param told what the line has to hold: place, key, value, remedy
   */
  record Broken(
      String name,
      String file,
      String variable,
      String value,
      String arguments,
      List<String> told) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Broken file(String name, String text, String... told) {
    return new Broken(name, text, null, null, "", List.of(told));
  }

  private static Broken env(String name, String variable, String value, String... told) {
    return new Broken(name, null, variable, value, "", List.of(told));
  }

  private static Broken arguments(String name, String text, String... told) {
    return new Broken(name, null, null, null, text, List.of(told));
  }

  static Stream<Broken> broken() {
    return Stream.of(files(), rules(), variables(), argumentLists()).flatMap(s -> s);
  }

  static Stream<Broken> files() {
    return Stream.of(
        file("unknown key", "cielling = 2GiB",
            "nodedb-mem.conf:1", "cielling = 2GiB", "unknown key", "did you mean ceiling?"),
        file("unknown key in a section", "\npressure { waring = 70% }",
            "nodedb-mem.conf:2", "pressure.waring = 70%", "did you mean warning?"),
        file("unknown key of an engine", "engines.query.limits = 1GiB",
            "nodedb-mem.conf:1", "engines.query.limits = 1GiB", "did you mean limit?"),
        file("value for a section", "engines = 3",
            "nodedb-mem.conf:1", "engines = 3", "write engines with { key = value } inside"),
        file("section for a value", "ceiling { of = 2GiB }",
            "nodedb-mem.conf:1", "ceiling = {of=\"2GiB\"}", "write ceiling = value"),
        file("bad size", "engines.query.limit = 12XiB",
            "nodedb-mem.conf:1", "engines.query.limit = 12XiB", "unknown unit", "such as 512MiB"),
        file("negative size", "mmap.budget = -1GiB",
            "nodedb-mem.conf:1", "mmap.budget = -1GiB", "negative", "such as 512MiB"),
        file("bad duration", "engines.query.wait-timeout = soon",
            "nodedb-mem.conf:1", "engines.query.wait-timeout = soon", "such as 250ms"),
        file("bad percentage", "pressure.critical = 85",
            "nodedb-mem.conf:1", "pressure.critical = 85", "such as 85%"),
        file("bad mode", "engines.query.mode = kill",
            "nodedb-mem.conf:1", "engines.query.mode = kill", "reject, wait, observe"),
        file("nothing for a ceiling", "ceiling = 0",
            "nodedb-mem.conf:1", "ceiling = 0", "such as 2GiB"),
        file("limit above the ceiling", "ceiling = 1GiB\nengines.wal.limit = 2GiB",
            "nodedb-mem.conf:2", "engines.wal.limit = 2GiB", "above the ceiling", "raise ceiling"),
        file("limits above the ceiling in sum",
            "ceiling = 1GiB\nengines.wal.limit = 600MiB\nengines.query.limit = 500MiB",
            "nodedb-mem.conf:2", "engines.wal.limit = 600MiB", "add up", "lower one of them"),
        file("min above limit", "engines.wal { limit = 1MiB, min = 2MiB }",
            "nodedb-mem.conf:1", "engines.wal.min = 2MiB", "above the engine's limit"),
        file("levels out of order", "pressure { warning = 90%, critical = 80% }",
            "nodedb-mem.conf:1", "pressure.critical = 80%", "keep warning < critical < emergency"),
        file("no HOCON", "ceiling = {\n",
            "nodedb-mem.conf", "syntax", "correct the line"),
        file("reference to nothing", "overflow.dir = ${no.such.thing}",
            "nodedb-mem.conf:1", "${no.such.thing}", "set it here"));
  }

  static Stream<Broken> rules() {
    return Stream.of(
        file("rule without classes", "rules = [ { engine = query } ]",
            "nodedb-mem.conf:1", "rules[0].classes", "write classes"),
        file("rule of an unknown engine", "rules = [ { classes = \"a.**\", engine = qery } ]",
            "nodedb-mem.conf:1", "rules[0].engine = qery", "did you mean query?"),
        file("rule with a bad pattern", "rules = [ { classes = \"a..b\", engine = query } ]",
            "nodedb-mem.conf:1", "rules[0].classes = a..b", "such as com.example.**"),
        file("unknown key in a rule", "rules = [ { klass = \"a.B\", engine = query } ]",
            "nodedb-mem.conf:1", "rules[0].klass = a.B", "classes"),
        file("rules that contradict",
            "rules = [\n { classes = \"a.**\", engine = query }\n"
                + " { classes = \"a.b.*\", methods = \"get*\", engine = wal }\n]",
            "nodedb-mem.conf:3", "rules[1]", "engine = wal", "nodedb-mem.conf:2", "narrow one"),
        file("call with a budget of nothing",
            "rules = [ { classes = \"a.B\", engine = query, per-call = 0 } ]",
            "nodedb-mem.conf:1", "rules[0].per-call = 0", "such as 512MiB"));
  }

  static Stream<Broken> variables() {
    return Stream.of(
        env("unknown variable", "NODEDB_MEM_CIELING", "2GiB",
            "environment variable NODEDB_MEM_CIELING", "2GiB", "did you mean NODEDB_MEM_CEILING?"),
        env("bad size in a variable", "NODEDB_MEM_CEILING", "two",
            "environment variable NODEDB_MEM_CEILING", "ceiling = two", "such as 2GiB"),
        env("bad limit in a variable", "NODEDB_MEM_ENGINES_QUERY_LIMIT", "",
            "environment variable NODEDB_MEM_ENGINES_QUERY_LIMIT", "engines.query.limit"),
        env("bad budget of the mapping manager", "XTREE_MMAP_BUDGET", "4XB",
            "environment variable XTREE_MMAP_BUDGET", "mmap.budget = 4XB", "such as 512MiB"),
        env("file that is not there", "NODEDB_MEM_CONFIG", "missing.conf",
            "environment variable NODEDB_MEM_CONFIG", "missing.conf", "no such file", "leave it"));
  }

  static Stream<Broken> argumentLists() {
    return Stream.of(
        arguments("unknown argument", "celing=2GiB",
            "agent argument", "celing = 2GiB", "did you mean ceiling?"),
        arguments("bad size in an argument", "heap.gate-threshold=4Q",
            "agent argument", "heap.gate-threshold = 4Q", "such as 512MiB"),
        arguments("argument without a value", "ceiling",
            "agent argument", "ceiling", "write key=value"),
        arguments("argument given twice", "ceiling=1GiB,ceiling=2GiB",
            "agent argument", "ceiling = 2GiB", "given twice", "leave one of them out"),
        arguments("file named that is a directory", "config=/",
            "agent argument", "config = /", "directory", "name a readable HOCON file"),
        arguments("port that is none", "metrics.port=65536",
            "agent argument", "metrics.port = 65536", "1 to 65535"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void endsInOneLineBeforeMain(Broken broken) throws IOException {
    if (broken.file != null) {
      Files.writeString(directory.resolve("nodedb-mem.conf"), broken.file);
    }
    ChildJvm child =
        ChildJvm.running(Reached.class)
            .jvm("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
            .in(directory)
            .agent(broken.arguments);
    if (broken.variable != null) {
      child.environment(broken.variable, broken.value);
    }
    ChildJvm.Result result = child.run();
    assertThat(result.exit()).as(result.all()).isEqualTo(1);
    assertThat(result.out()).as(result.all()).isEmpty();
    assertThat(result.err()).as(result.all()).hasSize(1);
    assertThat(result.err().getFirst()).startsWith("nodedb-mem: ").contains(broken.told);
  }
}
