package io.nodedb.mem.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OptionsTest {
  @Test
  void defaultsAreWhatHelpSays() {
    Options options = parse();
    assertThat(options.seconds()).isEqualTo(60);
    assertThat(options.scenario()).isEqualTo(Scenario.MIXED);
    assertThat(options.ceiling()).isEqualTo(2L << 30);
    assertThat(options.ungoverned()).isFalse();
    assertThat(options.serverless()).isFalse();
    assertThat(options.data()).isNull();
    assertThat(options.out()).isEqualTo(Path.of("demo-out"));
  }

  @Test
  void everyOptionIsRead(@TempDir Path directory) {
    Options options = parse("--seconds", "20", "--scenario=query-storm", "--ceiling", "3GiB",
        "--ungoverned", "--data", directory.toString(), "--out", "x", "--serverless");
    assertThat(options.serverless()).isTrue();
    assertThat(options.seconds()).isEqualTo(20);
    assertThat(options.scenario()).isEqualTo(Scenario.QUERY_STORM);
    assertThat(options.ceiling()).isEqualTo(3L << 30);
    assertThat(options.ungoverned()).isTrue();
    assertThat(options.data()).isEqualTo(directory);
    assertThat(options.out()).isEqualTo(Path.of("x"));
  }

  @Test
  void warmUpComesBeforeTheSecondsThatCount() {
    assertThat(parse("--warm-up=20", "--seconds=60").seconds()).isEqualTo(80);
    assertThat(parse("--warm-up=20").warmUp()).isEqualTo(20);
    assertThat(parse().warmUp()).isZero();
  }

  @Test
  void minutesAreSixtySeconds() {
    assertThat(parse("--minutes", "10", "--scenario=native-flood").seconds()).isEqualTo(600);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "--minutes=0", "--warm-up=-1", "--warm-up=3601", "--minutes=1441", "--seconds=0", "--seconds=-1", "--seconds=86401", "--seconds=x", "--seconds", "--ceiling=1MiB",
    "--ceiling=2GiBB", "--ceiling=-2GiB", "--ceiling=99999999999GiB", "--scenario=storm",
    "--data=/does/not/exist", "--unknown", "word"
  })
  void wrongUsageIsOneLineThatNamesTheOption(String argument) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new String[] {argument}, new PrintWriter(out), new PrintWriter(err, true));
    assertThat(code).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines()).hasSize(2);
    assertThat(err.toString()).startsWith("demo: ").contains(argument.replaceAll("=.*", ""));
  }

  @Test
  void helpNamesEveryOptionAndTheExitCodes() {
    StringWriter out = new StringWriter();
    int code = Main.run(
        new String[] {"--help"}, new PrintWriter(out, true), new PrintWriter(System.err, true));
    assertThat(code).isZero();
    assertThat(out.toString()).contains("--seconds", "--ceiling", "--scenario", "--ungoverned",
        "--data", "--out", "--help", "--minutes", "--warm-up",
        "mixed, full-load, query-storm, ingest-flood, native-flood", "Exit code");
  }

  @Test
  void withoutAnAgentTheRunSaysSoAndDoesNotStart() {
    StringWriter err = new StringWriter();
    int code = Main.run(new String[0], new PrintWriter(System.out), new PrintWriter(err, true));
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("no agent").contains("--ungoverned");
  }

  @ParameterizedTest
  @CsvSource({
    "1,1", "64K,65536", "64KiB,65536", "1mib,1048576", "2GB,2147483648", "2 GiB,2147483648"
  })
  void sizesAreReadInTheUsualForms(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  private static Options parse(String... arguments) {
    Options options = new Options();
    new CommandLine(options).parseArgs(arguments);
    return options;
  }
}
