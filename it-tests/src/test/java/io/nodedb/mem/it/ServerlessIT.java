package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's serverless mode: a writer that ends, then a reader in another process. */
class ServerlessIT {
  private static final String ANSWERS = "answers ";

  @TempDir Path out;

  private ChildJvm demo(String... words) {
    Path jar = ChildJvm.ROOT.resolve("sample-app/target/nodedb-mem-sample-app.jar");
    String[] all = new String[words.length + 4];
    all[0] = "-jar";
    all[1] = jar.toString();
    all[2] = "--out";
    all[3] = out.toString();
    System.arraycopy(words, 0, all, 4, words.length);
    return ChildJvm.with(all)
        .classPath("")
        .jvm("-Xmx1g", "-XX:+UseG1GC", "--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void readerAnswersAsTheWriterThatIsGone() {
    ChildJvm.Result result =
        demo("--serverless")
            .agent("config=" + ChildJvm.ROOT.resolve("sample-app/nodedb-mem.conf"))
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.out()).last().isEqualTo("RESULT: PASS");
    assertThat(result.out())
        .filteredOn(line -> line.contains(ANSWERS))
        .extracting(line -> line.substring(line.indexOf(ANSWERS)))
        .hasSize(2)
        .containsOnly(result.out().get(1).substring(result.out().get(1).indexOf(ANSWERS)))
        .doesNotContain(ANSWERS + "00000000");
    assertThat(result.out())
        .anyMatch(line -> line.startsWith("reader: opened in "))
        .anyMatch(line -> line.startsWith("reader: a write is refused"));
    assertThat(out.resolve("serverless")).as("cleared away").doesNotExist();
  }

  @Test
  void withoutTheAgentItSaysSo() {
    ChildJvm.Result result = demo("--serverless", "--ungoverned").run();
    assertThat(result.exit()).as(result.all()).isEqualTo(2);
    assertThat(result.err()).first().asString().contains("--serverless", "agent");
  }
}
