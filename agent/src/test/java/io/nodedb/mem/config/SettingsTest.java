package io.nodedb.mem.config;

import static io.nodedb.mem.config.Given.GIB;
import static io.nodedb.mem.config.Given.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.config.NativeSettings.LeakDetection;
import io.nodedb.mem.config.OverflowSettings.Durability;
import io.nodedb.mem.governor.WorkloadHint;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path directory;
  private Given given;

  @BeforeEach
  void nothingGiven() {
    given = new Given(directory);
  }

  @Test
  void withoutAnyConfigurationEveryKnownEngineHasAnEqualShareOfTheDefaultCeiling() {
    var settings = given.load();

    assertThat(settings.ceiling()).isEqualTo(4 * GIB * 8 / 10);
    assertThat(settings.heapCeiling()).isEqualTo(2 * GIB * 85 / 100);
    assertThat(settings.engines())
        .extracting(EngineSettings::name)
        .containsExactly("vector", "sparse", "crdt", "timeseries", "query", "wal", "bridge");
    var share = settings.ceiling() / 7;
    assertThat(settings.engines())
        .allSatisfy(
            e ->
                assertThat(e)
                    .isEqualTo(
                        new EngineSettings(
                            e.name(), share, share / 4, BreachMode.REJECT, 2_000_000_000L)));
    assertThat(settings.rules()).isEmpty();
    assertThat(settings.file()).isEmpty();
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void readsTheFileOfTheDesign() {
    var settings =
        given
            .property("java.io.tmpdir", "/var/tmp")
            .file(
                """
                ceiling = 2GiB
                heap-ceiling = 85%
                engines {
                  vector { limit = 512MiB, min = 128MiB, mode = reject }
                  query  { limit = 512MiB, mode = wait, wait-timeout = 3s }
                }
                pressure  { warning = 60%, critical = 75%, emergency = 90%, hysteresis = 4% }
                spill     { start = 85%, restore = 70% }
                rebalance { enabled = off, interval = 250ms, step = 7.5%, hint = query-heavy }
                heap      { sampling-interval = 64KiB, gate-threshold = 8KiB, min-gc-interval = 3s,
                            ticker-interval = 20ms, grace = 2MiB }
                mmap { budget = 1GiB, window-size = 32MiB, headroom = 20%, release-after = 5s }
                overflow  { dir = ${java.io.tmpdir}/spilled, initial = 1MiB, max = 2MiB,
                            durability = sync }
                native    { leak-detection = full }
                metrics   { port = 9404, host = 0.0.0.0 }
                rules     = [
                  { classes = "org.h2.command.**", methods = "query*", engine = query,
                    mode = observe, per-call = 256MiB, pin-arena = on }
                  { classes = "org.h2.mvstore.*" }
                ]
                """)
            .load();

    assertThat(settings.ceiling()).isEqualTo(2 * GIB);
    assertThat(settings.engine("vector"))
        .contains(
            new EngineSettings("vector", 512 * MIB, 128 * MIB, BreachMode.REJECT, 2_000_000_000L));
    assertThat(settings.engine("query"))
        .contains(
            new EngineSettings("query", 512 * MIB, 128 * MIB, BreachMode.WAIT, 3_000_000_000L));
    assertThat(settings.engine("wal").orElseThrow().limit()).isEqualTo(GIB / 5);
    assertThat(settings.pressure()).isEqualTo(new PressureSettings(0.6, 0.75, 0.9, 0.04));
    assertThat(settings.spill()).isEqualTo(new SpillSettings(0.85, 0.7));
    assertThat(settings.rebalance())
        .isEqualTo(
            new RebalanceSettings(false, 250_000_000L, 0.075, WorkloadHint.QUERY_HEAVY));
    assertThat(settings.heap())
        .isEqualTo(new HeapSettings(65_536, 8_192, 3_000_000_000L, 20_000_000L, 2 * MIB));
    assertThat(settings.mmap()).isEqualTo(new MmapSettings(GIB, 32 * MIB, 0.2, 5_000_000_000L));
    assertThat(settings.overflow())
        .isEqualTo(
            new OverflowSettings(Path.of("/var/tmp/spilled"), MIB, 2 * MIB, Durability.SYNC));
    assertThat(settings.offheap())
        .isEqualTo(new NativeSettings(Optional.empty(), LeakDetection.FULL));
    assertThat(settings.metrics()).isEqualTo(new MetricsSettings(9404, "0.0.0.0"));
    assertThat(settings.rules())
        .containsExactly(
            new Rule(
                Glob.ofClasses("org.h2.command.**"),
                Optional.of(Glob.ofMethods("query*")),
                Optional.of("query"),
                Optional.of(BreachMode.OBSERVE),
                OptionalLong.of(256 * MIB),
                true,
                "nodedb-mem.conf:18"),
            new Rule(
                Glob.ofClasses("org.h2.mvstore.*"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                false,
                "nodedb-mem.conf:20"));
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void laterSourcesWinKeyByKey() {
    var settings =
        given
            .file(
                """
                ceiling = 1GiB
                spill.start = 81%
                engines.query { limit = 10MiB, mode = wait, min = 1MiB }
                """)
            .env("NODEDB_MEM_SPILL_START", "82%")
            .env("NODEDB_MEM_CEILING", "2GiB")
            .env("NODEDB_MEM_ENGINES_QUERY_LIMIT", "20MiB")
            .env("NODEDB_MEM_HEAP_GATE_THRESHOLD", "1KiB")
            .arguments("ceiling=3GiB,engines.query.min=3MiB")
            .load();

    assertThat(settings.ceiling()).as("argument over variable over file").isEqualTo(3 * GIB);
    assertThat(settings.spill().start()).as("variable over file").isEqualTo(0.82);
    assertThat(settings.spill().restore()).as("default").isEqualTo(0.75);
    assertThat(settings.heap().gateThreshold()).as("variable over default").isEqualTo(1024);
    assertThat(settings.engine("query"))
        .as("limit of the variable, min of the argument, mode of the file")
        .contains(
            new EngineSettings("query", 20 * MIB, 3 * MIB, BreachMode.WAIT, 2_000_000_000L));
  }

  @Test
  void theFileIsFoundByArgumentThenVariableThenPropertyThenWorkingDirectory() {
    given.file("ceiling = 1MiB").file("p.conf", "ceiling = 2MiB");
    given.file("v.conf", "ceiling = 3MiB").file("a.conf", "ceiling = 4MiB");

    assertThat(given.load().ceiling()).isEqualTo(MIB);
    assertThat(given.load().file()).contains(directory.resolve("nodedb-mem.conf"));
    assertThat(given.property("nodedb.mem.config", "p.conf").load().ceiling())
        .isEqualTo(2 * MIB);
    assertThat(given.env("NODEDB_MEM_CONFIG", "v.conf").load().ceiling()).isEqualTo(3 * MIB);
    assertThat(given.arguments("config=" + directory.resolve("a.conf")).load().ceiling())
        .isEqualTo(4 * MIB);
  }

  @Test
  void theMappingManagersOwnVariablesKeepTheirMeaning() {
    var mmap =
        given
            .env("XTREE_MMAP_BUDGET", "2GB")
            .env("XTREE_MMAP_WINDOW_SIZE", "64mb")
            .env("XTREE_MMAP_HEADROOM", "0.25")
            .load()
            .mmap();

    assertThat(mmap).isEqualTo(new MmapSettings(2 * GIB, 64 * MIB, 0.25, 60_000_000_000L));
    assertThat(given.env("NODEDB_MEM_MMAP_BUDGET", "1GB").load().mmap().budget())
        .as("the project's own name wins, and its GB is decimal")
        .isEqualTo(1_000_000_000L);
  }

  @Test
  void mappingsBudgetOfZeroIsUnlimited() {
    var mmap = given.env("XTREE_MMAP_BUDGET", "0").load().mmap();

    assertThat(mmap.budget()).isZero();
    assertThat(mmap.windowSize()).isEqualTo(128 * MIB);
    assertThat(given.file("mmap { budget = 0, window-size = 8GiB }").load().mmap().windowSize())
        .isEqualTo(8 * GIB);
  }

  @Test
  void percentagesAreOfWhatTheyNaturallyBound() {
    var settings =
        given
            .file(
                """
                ceiling = 50%
                heap-ceiling = 25%
                engines.query { limit = 25%, min = 10% }
                """)
            .load();

    assertThat(settings.ceiling()).as("of the group's memory").isEqualTo(2 * GIB);
    assertThat(settings.heapCeiling()).as("of -Xmx").isEqualTo(GIB / 2);
    var query = settings.engine("query").orElseThrow();
    assertThat(query.limit()).as("of the ceiling").isEqualTo(GIB / 2);
    assertThat(query.min()).as("of the limit").isEqualTo(GIB / 20);
    assertThat(settings.engine("wal").orElseThrow().limit())
        .as("a sixth of what is left")
        .isEqualTo(GIB / 4);
  }

  @Test
  void theOperatorMayAddEnginesEvenByVariable() {
    var settings =
        given
            .file("engines.column-cache.mode = wait")
            .env("NODEDB_MEM_ENGINES_COLUMN_CACHE_LIMIT", "1MiB")
            .env("NODEDB_MEM_ENGINES_GRAPH_WAIT_TIMEOUT", "5ms")
            .load();

    assertThat(settings.engine("column-cache"))
        .contains(
            new EngineSettings("column-cache", MIB, MIB / 4, BreachMode.WAIT, 2_000_000_000L));
    assertThat(settings.engine("graph").orElseThrow().waitTimeoutNanos()).isEqualTo(5_000_000L);
    assertThat(settings.engines()).hasSize(9);
  }

  @Test
  void windowsAreRoundedUpToWholePages() {
    assertThat(given.file("mmap.window-size = 1").load().mmap().windowSize()).isEqualTo(4096);
    assertThat(given.file("mmap.window-size = 4097").load().mmap().windowSize()).isEqualTo(8192);
    assertThat(given.page(65_536).load().mmap().windowSize()).isEqualTo(65_536);
    assertThat(given.file("mmap.budget = 5MiB").load().mmap().windowSize())
        .as("the default window fits a smaller budget")
        .isEqualTo(5 * MIB);
  }

  @Test
  void samplingIntervalsOfEverySort() {
    assertThat(given.load().heap().samplingIntervalBytes()).isEqualTo(HeapSettings.AUTO);
    assertThat(given.file("heap.sampling-interval = 0").load().heap().samplingIntervalBytes())
        .isZero();
    assertThat(given.file("heap.sampling-interval = 1KiB").load().heap().samplingIntervalBytes())
        .isEqualTo(1024);
  }

  @Test
  void referencesSeeTheEffectiveValuesPropertiesAndEnvironment() {
    var settings =
        given
            .file(
                """
                ceiling = 1GiB
                heap-ceiling = ${ceiling}
                overflow.dir = ${spill.home}/${WHERE}
                native.jemalloc = ${?NO_SUCH_VARIABLE}
                """)
            .property("spill.home", "/data")
            .env("WHERE", "here")
            .arguments("ceiling=512MiB")
            .load();

    assertThat(settings.heapCeiling()).isEqualTo(512 * MIB);
    assertThat(settings.overflow().dir()).isEqualTo(Path.of("/data/here"));
    assertThat(settings.offheap().jemalloc()).isEmpty();
  }

  @Test
  void aSectionMayBeAReferenceAsAWhole() {
    var settings =
        given
            .file("engines.query { limit = 1MiB }\nengines.graph = ${engines.query} { min = 1KiB }")
            .load();

    assertThat(settings.engine("graph").orElseThrow().limit()).isEqualTo(MIB);
    assertThat(settings.engine("graph").orElseThrow().min()).isEqualTo(1024);
  }

  @Test
  void includedFilesAreReadAndNamedInComplaints() {
    given.file("include \"engines.conf\"\nceiling = 1GiB");
    given.file("engines.conf", "engines.query.limit = 1MiB");

    assertThat(given.load().engine("query").orElseThrow().limit()).isEqualTo(MIB);

    given.file("engines.conf", "\nengines.query.limit = 1Mio");
    assertThat(catchThrowable(given::load))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("engines.conf:2: engines.query.limit = 1Mio");
  }

  @Test
  void theDefaultHeapCeilingNeverPassesTheCeilingAndAStatedOneIsWarnedOf() {
    assertThat(given.arguments("ceiling=1GiB").load().heapCeiling()).isEqualTo(GIB);
    assertThat(given.load().warnings()).isEmpty();

    var settings = given.arguments("ceiling=1GiB,heap-ceiling=1536MiB").load();
    assertThat(settings.heapCeiling()).isEqualTo(1536 * MIB);
    assertThat(settings.warnings())
        .singleElement()
        .asString()
        .contains("heap-ceiling = 1536MiB (agent argument)", "ceiling = 1GiB");
  }

  @Test
  void withinALimitEnginesKeepTheirSharesOfIt() {
    var settings =
        given.arguments("ceiling=1GiB,engines.query.limit=512MiB,engines.query.min=64MiB").load();
    assertThat(settings.within(GIB)).isSameAs(settings);
    assertThat(settings.within(Long.MAX_VALUE)).isSameAs(settings);

    var half = settings.within(512 * MIB);
    assertThat(half.ceiling()).isEqualTo(512 * MIB);
    assertThat(half.heapCeiling()).isEqualTo(512 * MIB);
    assertThat(half.engine("query").orElseThrow().limit()).isEqualTo(256 * MIB);
    assertThat(half.engine("query").orElseThrow().min()).isEqualTo(32 * MIB);
    assertThat(half.engines().stream().mapToLong(EngineSettings::limit).sum())
        .isLessThanOrEqualTo(512 * MIB);
    assertThat(half.engines()).hasSameSizeAs(settings.engines());
    assertThat(half.pressure()).isEqualTo(settings.pressure());

    var odd = settings.within(1000);
    assertThat(odd.engines()).allSatisfy(e -> assertThat(e.limit()).isPositive());
    assertThat(odd.engines().stream().mapToLong(EngineSettings::limit).sum())
        .isLessThanOrEqualTo(1000);
  }

  @Test
  void aCeilingAboveTheMemoryIsWarnedOf() {
    assertThat(given.arguments("ceiling=5GiB").load().warnings())
        .singleElement()
        .asString()
        .contains("ceiling = 5GiB (agent argument)", "4GiB");
  }

  @Test
  void rulesOfOneEngineMayOverlapAndGatesMayOverlapAnything() {
    var rules =
        given
            .file(
                """
                rules = [
                  { classes = "org.h2.**", engine = query }
                  { classes = "org.h2.command.*", engine = query, mode = wait }
                  { classes = "**" }
                  { classes = "org.apache.**", methods = "search*", engine = sparse }
                  { classes = "org.apache.**", methods = "write*", engine = wal }
                ]
                """)
            .load()
            .rules();

    assertThat(rules).hasSize(5);
    assertThat(rules.get(3).matchesClass("org.apache.lucene.Index")).isTrue();
    assertThat(rules.get(3).matchesMethod("searchAll")).isTrue();
    assertThat(rules.get(3).matchesMethod("research")).isFalse();
    assertThat(rules.get(2).matchesMethod("<init>")).isTrue();
  }

  @Test
  void fractionsAreExact() {
    assertThat(given.file("mmap.headroom = 12.5 %").load().mmap().headroom())
        .isCloseTo(0.125, within(0.0));
  }
}
