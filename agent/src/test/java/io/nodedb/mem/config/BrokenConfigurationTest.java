package io.nodedb.mem.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way to write a broken configuration ends in one line: place, key, value, remedy. */
class BrokenConfigurationTest {
  @TempDir Path directory;

  /**
   * One broken configuration.
   *
   * @param told what must occur in the message: place first, then key, value, problem, remedy
   */
  record Broken(String name, UnaryOperator<Given> given, List<String> told) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Broken file(String name, String text, String... told) {
    return new Broken(name, g -> g.file(text), List.of(told));
  }

  private static Broken env(String name, String variable, String value, String... told) {
    return new Broken(name, g -> g.env(variable, value), List.of(told));
  }

  private static Broken arguments(String name, String text, String... told) {
    return new Broken(name, g -> g.arguments(text), List.of(told));
  }

  static Stream<Broken> broken() {
    return Stream.of(keys(), numbers(), limits(), sections(), engines(), rules(), sources())
        .flatMap(s -> s);
  }

  static Stream<Broken> keys() {
    return Stream.of(
        file("unknown key at the top", "\ncielling = 2GiB",
            "nodedb-mem.conf:2: cielling = 2GiB: unknown key", "did you mean ceiling?"),
        file("underscore instead of dash", "heap_ceiling = 50%",
            "nodedb-mem.conf:1: heap_ceiling = 50%", "did you mean heap-ceiling?"),
        file("unknown key in a section", "pressure { warn1ng = 70% }",
            "nodedb-mem.conf:1: pressure.warn1ng = 70%", "did you mean warning?"),
        file("unknown key in an engine", "engines {\n query {\n  limits = 1MiB } }",
            "nodedb-mem.conf:3: engines.query.limits = 1MiB", "did you mean limit?"),
        file("unknown key in a rule", "rules = [\n { class = \"a.B\", engine = query } ]",
            "nodedb-mem.conf:2: rules[0].class = a.B", "did you mean classes?"),
        file("unknown section, nothing near", "completely-else { a = 1 }",
            "nodedb-mem.conf:1: completely-else = {a=1}: unknown key", "known: ceiling, "),
        env("unknown variable", "NODEDB_MEM_CIELING", "2GiB",
            "environment variable NODEDB_MEM_CIELING", "= 2GiB: unknown",
            "did you mean NODEDB_MEM_CEILING?"),
        env("unknown variable of an engine", "NODEDB_MEM_ENGINES_QUERY_LIMITS", "2GiB",
            "environment variable NODEDB_MEM_ENGINES_QUERY_LIMITS", "= 2GiB",
            "did you mean NODEDB_MEM_ENGINES_QUERY_LIMIT?"),
        arguments("unknown argument", "engines.query.limt=1MiB",
            "agent argument: engines.query.limt = 1MiB", "did you mean limit?"),
        file("value instead of a section", "pressure = 70%",
            "nodedb-mem.conf:1: pressure = 70%", "section is expected", "{ key = value }"),
        file("section instead of a value", "ceiling { size = 2GiB }",
            "nodedb-mem.conf:1: ceiling = {size=\"2GiB\"}",
            "single value", "write ceiling = value"),
        file("list instead of a value", "ceiling = [2GiB]",
            "nodedb-mem.conf:1: ceiling = [\"2GiB\"]", "single value", "write ceiling = value"),
        arguments("value instead of a section by argument", "engines=5",
            "agent argument: engines = 5", "section is expected", "{ key = value }"),
        file("section instead of an engine's value", "engines.query.limit { a = 1 }",
            "nodedb-mem.conf:1: engines.query.limit = {a=1}", "write engines.query.limit = value"),
        file("engine without a section", "engines.query = 1GiB",
            "nodedb-mem.conf:1: engines.query = 1GiB", "section", "write engines.query with {"));
  }

  static Stream<Broken> numbers() {
    return Stream.of(
        file("unknown unit", "ceiling = 2Gibi",
            "nodedb-mem.conf:1: ceiling = 2Gibi", "unknown unit Gibi", "such as 2GiB"),
        file("no number", "heap.grace = plenty",
            "nodedb-mem.conf:1: heap.grace = plenty", "not a size", "such as 512MiB"),
        file("negative size", "mmap.budget = -1GiB",
            "nodedb-mem.conf:1: mmap.budget = -1GiB", "negative", "such as 512MiB"),
        file("size past 64 bits", "ceiling = 9000000TiB",
            "nodedb-mem.conf:1: ceiling = 9000000TiB", "64-bit", "such as 2GiB"),
        env("bad size in a variable", "NODEDB_MEM_CEILING", "two",
            "environment variable NODEDB_MEM_CEILING: ceiling = two", "such as 2GiB"),
        env("empty variable", "NODEDB_MEM_CEILING", "",
            "environment variable NODEDB_MEM_CEILING: ceiling = ", "such as 2GiB"),
        env("bad size in the mapping manager's variable", "XTREE_MMAP_BUDGET", "4XB",
            "environment variable XTREE_MMAP_BUDGET: mmap.budget = 4XB", "such as 512MiB"),
        env("headroom of the mapping manager over a half", "XTREE_MMAP_HEADROOM", "0.6",
            "environment variable XTREE_MMAP_HEADROOM: mmap.headroom = 60%", "0% to 50%"),
        arguments("bad size in an argument", "heap.gate-threshold=4Q",
            "agent argument: heap.gate-threshold = 4Q", "unknown unit Q", "such as 512MiB"),
        file("percentage without a sign", "pressure.warning = 70",
            "nodedb-mem.conf:1: pressure.warning = 70", "not a percentage", "such as 85%"),
        file("over 100 %", "spill.start = 101%",
            "nodedb-mem.conf:1: spill.start = 101%", "over 100%", "such as 85%"),
        file("ceiling over 100 %", "ceiling = 120%",
            "nodedb-mem.conf:1: ceiling = 120%", "over 100%", "50%"),
        file("negative percentage", "rebalance.step = -5%",
            "nodedb-mem.conf:1: rebalance.step = -5%", "negative", "such as 85%"),
        file("duration without a unit", "rebalance.interval = 250",
            "nodedb-mem.conf:1: rebalance.interval = 250", "without a unit", "such as 250ms"),
        file("duration with an unknown unit", "engines.query.wait-timeout = 2 fortnights",
            "nodedb-mem.conf:1: engines.query.wait-timeout = 2 fortnights", "such as 250ms"),
        file("negative duration", "heap.min-gc-interval = -1s",
            "nodedb-mem.conf:1: heap.min-gc-interval = -1s", "negative", "such as 250ms"),
        file("ticker that never waits", "heap.ticker-interval = 0ms",
            "nodedb-mem.conf:1: heap.ticker-interval = 0ms", "more than 0", "leave it out"));
  }

  static Stream<Broken> limits() {
    return Stream.of(
        file("zero ceiling", "ceiling = 0",
            "nodedb-mem.conf:1: ceiling = 0", "leaves no room", "such as 2GiB"),
        file("zero heap ceiling", "heap-ceiling = 0%",
            "nodedb-mem.conf:1: heap-ceiling = 0%", "leaves no room", "85%"),
        file("zero limit", "engines.wal.limit = 0MiB",
            "nodedb-mem.conf:1: engines.wal.limit = 0MiB", "could do nothing", "such as 512MiB"),
        file("limit above the ceiling", "ceiling = 1GiB\nengines.query.limit = 2GiB",
            "nodedb-mem.conf:2: engines.query.limit = 2GiB", "above the ceiling",
            "ceiling = 1GiB (nodedb-mem.conf:1)", "raise ceiling"),
        file("limits above the ceiling in sum",
            "ceiling = 1GiB\nengines.query.limit = 700MiB\nengines.wal.limit = 600MiB",
            "nodedb-mem.conf:2: engines.query.limit = 700MiB", "add up to more",
            "engines.wal.limit = 600MiB", "ceiling = 1GiB", "lower one"),
        file("percentages above the ceiling in sum",
            "engines.query.limit = 60%\nengines.wal.limit = 50%",
            "nodedb-mem.conf:1: engines.query.limit = 60%", "add up to more", "lower one"),
        file("nothing left for the rest", "ceiling = 1GiB\nengines.query.limit = 1GiB",
            "nodedb-mem.conf:2: engines.query.limit = 1GiB", "leave nothing",
            "vector, sparse, crdt, timeseries, wal, bridge", "give engines.vector.limit a value"),
        file("ceiling too small to share", "ceiling = 5",
            "nodedb-mem.conf:1: ceiling = 5", "leave nothing", "raise ceiling"),
        file("min above limit", "engines.query { limit = 10MiB\n min = 11MiB }",
            "nodedb-mem.conf:2: engines.query.min = 11MiB", "above the engine's limit",
            "engines.query.limit = 10MiB", "raise the limit"));
  }

  static Stream<Broken> sections() {
    return Stream.of(
        file("levels that do not ascend", "pressure { warning = 70%\n critical = 60% }",
            "nodedb-mem.conf:2: pressure.critical = 60%", "do not ascend",
            "pressure.warning = 70% (nodedb-mem.conf:1)", "warning < critical < emergency"),
        file("level against a default", "pressure.warning = 90%",
            "nodedb-mem.conf:1: pressure.warning = 90%", "pressure.critical = 85%", "warning <"),
        file("no room below warning", "pressure.warning = 0%",
            "nodedb-mem.conf:1: pressure.warning = 0%", "more than 0%", "such as 85%"),
        file("hysteresis as large as a gap", "pressure.hysteresis = 10%",
            "nodedb-mem.conf:1: pressure.hysteresis = 10%", "too large", "smallest gap"),
        file("spill that ends where it starts", "spill { start = 80%, restore = 80% }",
            "nodedb-mem.conf:1: spill.restore = 80%", "spill.start = 80%",
            "spill.restore < spill.start"),
        file("neither true nor false", "rebalance.enabled = maybe",
            "nodedb-mem.conf:1: rebalance.enabled = maybe", "write true or false"),
        file("bad sampling interval", "heap.sampling-interval = often",
            "nodedb-mem.conf:1: heap.sampling-interval = often", "write auto, 0"),
        file("sampling interval past the JVM's", "heap.sampling-interval = 2GiB",
            "nodedb-mem.conf:1: heap.sampling-interval = 2GiB", "below 2GiB", "write auto, 0"),
        file("negative sampling interval", "heap.sampling-interval = -1",
            "nodedb-mem.conf:1: heap.sampling-interval = -1", "negative", "write auto, 0"),
        file("window that does not fit", "mmap { budget = 64MiB, window-size = 65MiB }",
            "nodedb-mem.conf:1: mmap.window-size = 65MiB", "mmap.budget = 64MiB", "raise mmap"),
        file("zero window", "mmap.window-size = 0",
            "nodedb-mem.conf:1: mmap.window-size = 0", "more than 0", "leave it out"),
        file("window past 64 bits", "mmap { budget = 8388607TiB, window-size = "
            + Long.MAX_VALUE + " }",
            "nodedb-mem.conf:1: mmap.window-size = 9223372036854775807", "does not fit", "raise"),
        file("budget below a page", "mmap.budget = 4095",
            "nodedb-mem.conf:1: mmap.budget = 4095", "less than a page", "such as 4GiB"),
        file("headroom over a half", "mmap.headroom = 51%",
            "nodedb-mem.conf:1: mmap.headroom = 51%", "over 50%", "0% to 50%"),
        file("overflow larger than its maximum", "overflow { initial = 2GiB }",
            "nodedb-mem.conf:1: overflow.initial = 2GiB", "overflow.max = 1GiB", "raise overflow"),
        file("overflow region below the smallest", "overflow.initial = 65535",
            "nodedb-mem.conf:1: overflow.initial = 65535", "below 64KiB", "at least 64KiB"),
        file("overflow region above the largest", "overflow.max = 33GiB",
            "nodedb-mem.conf:1: overflow.max = 33GiB", "above 32GiB", "several regions"),
        file("unknown durability", "overflow.durability = fsync",
            "nodedb-mem.conf:1: overflow.durability = fsync", "one of none, async, sync"),
        file("no directory", "overflow.dir = \"\"",
            "nodedb-mem.conf:1: overflow.dir = ", "no path", "path of a directory"),
        file("a file for a directory", "overflow.dir = ${user.dir}/nodedb-mem.conf",
            "nodedb-mem.conf:1: overflow.dir = ", "it is a file", "path of a directory"),
        file("jemalloc that is not there", "native.jemalloc = /no/such/libjemalloc.so.2",
            "nodedb-mem.conf:1: native.jemalloc = /no/such", "no such file", "leave it out"),
        file("unknown leak detection", "native.leak-detection = paranoid",
            "nodedb-mem.conf:1: native.leak-detection = paranoid", "one of off, sampled, full"),
        file("port that is none", "metrics.port = 65536",
            "nodedb-mem.conf:1: metrics.port = 65536", "no port", "1 to 65535"),
        file("negative port", "metrics.port = -1",
            "nodedb-mem.conf:1: metrics.port = -1", "no port", "1 to 65535"),
        file("port by name", "metrics.port = http",
            "nodedb-mem.conf:1: metrics.port = http", "not a port", "1 to 65535"),
        file("no address", "metrics.host = \"\"",
            "nodedb-mem.conf:1: metrics.host = ", "no address", "127.0.0.1"));
  }

  static Stream<Broken> engines() {
    return Stream.of(
        file("engine name in capitals", "engines { Query { limit = 1MiB } }",
            "nodedb-mem.conf:1: engines.Query = {limit=\"1MiB\"}", "not a name", "lower-case"),
        file("engine name with a dot", "engines { \"a.b\" { limit = 1MiB } }",
            "nodedb-mem.conf:1: engines.a.b = ", "not a name", "lower-case"),
        file("empty engine name", "engines { \"\" { limit = 1MiB } }",
            "nodedb-mem.conf:1: engines. = ", "not a name", "lower-case"),
        file("reserved engine name", "engines { jvm { limit = 1MiB } }",
            "nodedb-mem.conf:1: engines.jvm = ", "no single engine", "another name"),
        file("engines that are one but for a dash",
            "engines {\n my-cache { limit = 1MiB }\n my_cache { limit = 2MiB } }",
            "nodedb-mem.conf:3: engines.my_cache = {limit=\"2MiB\"}",
            "duplicate of engine my-cache",
            "a different one"),
        file("unknown mode", "engines.query.mode = block",
            "nodedb-mem.conf:1: engines.query.mode = block", "one of reject, wait, observe"),
        file("a mode that only annotations have", "engines.query.mode = inherit",
            "nodedb-mem.conf:1: engines.query.mode = inherit", "one of reject, wait, observe"));
  }

  static Stream<Broken> rules() {
    return Stream.of(
        file("rules that are no list", "rules { classes = \"a.**\" }",
            "nodedb-mem.conf:1: rules = ", "not a list", "write rules = ["),
        env("rules in a variable", "NODEDB_MEM_RULES", "a.**",
            "environment variable NODEDB_MEM_RULES: rules = a.**", "not a list", "write rules = ["),
        file("rule that is no section", "rules = [ query ]",
            "nodedb-mem.conf:1: rules[0] = query", "a section is expected", "{ key = value }"),
        file("rule without classes", "rules = [\n\n { engine = query } ]",
            "nodedb-mem.conf:3: rules[0].classes: ", "names no classes", "write classes ="),
        file("rule for an unknown engine", "rules = [ { classes = \"a.**\", engine = querry } ]",
            "nodedb-mem.conf:1: rules[0].engine = querry", "no such engine", "did you mean query?"),
        file("class pattern with slashes", "rules = [ { classes = \"org/h2/**\" } ]",
            "nodedb-mem.conf:1: rules[0].classes = org/h2/**", "not slashes", "com.example.**"),
        file("class pattern with an empty part", "rules = [ { classes = \"org..h2\" } ]",
            "nodedb-mem.conf:1: rules[0].classes = org..h2", "is empty", "com.example.**"),
        file("class pattern with a blank", "rules = [ { classes = \"org.h2 .*\" } ]",
            "nodedb-mem.conf:1: rules[0].classes = org.h2 .*", "' '", "com.example.**"),
        file("class pattern with three stars", "rules = [ { classes = \"org.***\" } ]",
            "nodedb-mem.conf:1: rules[0].classes = org.***", "two stars", "com.example.**"),
        file("empty class pattern", "rules = [ { classes = \"\" } ]",
            "nodedb-mem.conf:1: rules[0].classes = ", "it is empty", "com.example.**"),
        file("method pattern with parentheses",
            "rules = [ { classes = \"a.**\", methods = \"run()\" } ]",
            "nodedb-mem.conf:1: rules[0].methods = run()", "'('", "write a method's name"),
        file("rule with an unknown mode",
            "rules = [ { classes = \"a.**\", engine = query, mode = kill } ]",
            "nodedb-mem.conf:1: rules[0].mode = kill", "one of reject, wait, observe"),
        file("rule with nothing per call",
            "rules = [ { classes = \"a.**\", engine = query, per-call = 0 } ]",
            "nodedb-mem.conf:1: rules[0].per-call = 0", "could do nothing", "such as 512MiB"),
        file("rule that pins neither so nor so",
            "rules = [ { classes = \"a.**\", engine = query, pin-arena = maybe } ]",
            "nodedb-mem.conf:1: rules[0].pin-arena = maybe", "neither true nor false",
            "write true or false"),
        file("pinning without an engine", "rules = [ { classes = \"a.**\", pin-arena = true } ]",
            "nodedb-mem.conf:1: rules[0].pin-arena = true", "opens no scope", "add engine = NAME"),
        file("mode without an engine", "rules = [ { classes = \"a.**\", mode = wait } ]",
            "nodedb-mem.conf:1: rules[0].mode = wait", "opens no scope", "add engine = NAME"),
        file("two engines in one method",
            "rules = [\n { classes = \"org.h2.**\", methods = \"query*\", engine = query }\n"
                + " { classes = \"org.h2.command.*\", methods = \"*Update\", engine = wal } ]",
            "nodedb-mem.conf:3: rules[1] = { classes = \"org.h2.command.*\"",
            "the rule at nodedb-mem.conf:2", "engine = query }", "narrow one"),
        file("two engines in one class",
            "rules = [\n { classes = \"**.Log\", engine = wal }\n"
                + " { classes = \"org.h2.**\", engine = query } ]",
            "nodedb-mem.conf:3: rules[1] = ", "the rule at nodedb-mem.conf:2", "narrow one"));
  }

  static Stream<Broken> sources() {
    return Stream.of(
        file("syntax error", "ceiling = 2GiB\nengines { query { limit = 1MiB }\n",
            "nodedb-mem.conf:", "syntax", "correct the line"),
        file("star without quotes", "\nrules = [ { classes = org.h2.**, engine = query } ]",
            "nodedb-mem.conf:2: syntax", "double quotes"),
        file("reference to nothing", "\noverflow.dir = ${no.such.thing}/x",
            "nodedb-mem.conf:2: substitution = ${no.such.thing}", "stands for nothing", "${?...}"),
        file("reference in a circle", "ceiling = ${heap-ceiling}\nheap-ceiling = ${ceiling}",
            "nodedb-mem.conf:2: substitution = ${ceiling}", "itself", "set it here"),
        file("include that is not there", "\ninclude \"more.conf\"",
            "nodedb-mem.conf", "more.conf", "readable HOCON file"),
        file("include from the network", "\ninclude url(\"http://192.0.2.1/x.conf\")",
            "nodedb-mem.conf: include = url(", "only files", "include \"other.conf\""),
        arguments("named file that is not there", "config=/no/such/file.conf",
            "agent argument: config = /no/such/file.conf", "no such file", "leave it out"),
        env("file named by a variable that is not there", "NODEDB_MEM_CONFIG", "absent.conf",
            "environment variable NODEDB_MEM_CONFIG: config = absent.conf", "no such file"),
        new Broken("file named by a property that is not there",
            g -> g.property("nodedb.mem.config", "absent.conf"),
            List.of("system property nodedb.mem.config: config = absent.conf", "no such file")),
        arguments("directory instead of a file", "config=.",
            "agent argument: config = .", "a directory", "leave it out"),
        arguments("no file named", "config=",
            "agent argument: config = ", "no file is named", "leave it out"),
        arguments("argument without an equals sign", "ceiling=2GiB,verbose",
            "agent argument: verbose: there is no '=' in it", "key=value"),
        arguments("empty argument", "ceiling=2GiB,,spill.start=90%",
            "agent argument: (nothing)", "no '='", "key=value"),
        arguments("argument without a key", "=2GiB",
            "agent argument: (no key) = 2GiB", "not a key", "engines.query.limit"),
        arguments("argument with an empty part", "engines..limit=1",
            "agent argument: engines..limit = 1", "not a key", "engines.query.limit"),
        arguments("argument given twice", "ceiling=2GiB,ceiling=3GiB",
            "agent argument: ceiling = 3GiB", "given twice", "leave one"),
        new Broken("value with line breaks",
            g -> g.env("NODEDB_MEM_CEILING", "1\n2\r\n3\u2028"),
            List.of("environment variable NODEDB_MEM_CEILING: ceiling = 1 2 3", "such as 2GiB")));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void stopsWithOneLine(Broken broken) {
    var given = broken.given().apply(new Given(directory).property("user.dir", "" + directory));

    var refusal = catchThrowableOfType(ConfigException.class, given::load);

    assertThat(refusal).as("nothing was refused").isNotNull();
    assertThat(refusal.getMessage()).contains(broken.told()).doesNotContainPattern("\\R");
    assertThat(refusal.getMessage()).contains("; ").hasSizeLessThan(700);
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void unreadableFileStopsWithOneLine(Path path) {
    assumeTrue(Files.exists(path), "no " + path + " here");

    var given = new Given(directory).arguments("config=" + path);

    assertThat(catchThrowableOfType(ConfigException.class, given::load))
        .hasMessageContaining("agent argument: config = " + path + ": the file cannot be read")
        .hasMessageContaining("leave it out");
  }

  /** Files that exist and can be opened, but not read: permissions would not stop root. */
  static Stream<Path> unreadable() {
    return Stream.of(Path.of("/proc/self/mem"));
  }
}
