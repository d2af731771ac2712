package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The document's tables are the descriptors'. To write them anew:
 *
 * <pre>mvn -pl agent -am test -Dtest=FormatDocumentTest
 *     -Dtest.jvm=-Doverflow.document=write -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
class FormatDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "overflow-format.md");
  private static final String BEGIN = "<!-- tables: begin -->\n";
  private static final String END = "<!-- tables: end -->";

  @Test
  void documentShowsEveryFieldOfEveryStructure() throws Exception {
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf(BEGIN) + BEGIN.length();
    int to = text.indexOf(END);
    assertThat(to).isGreaterThanOrEqualTo(from);
    String expected = tables();
    if ("write".equals(System.getProperty("overflow.document"))) {
      Files.writeString(DOCUMENT, text.substring(0, from) + expected + text.substring(to));
      return;
    }
    assertThat(text.substring(from, to)).isEqualTo(expected);
    assertThat(Layout.all()).hasSize(11);
  }

  private static String tables() {
    StringBuilder text = new StringBuilder();
    for (Layout layout : Layout.all()) {
      text.append("\n### ").append(Character.toUpperCase(layout.name().charAt(0)))
          .append(layout.name().substring(1)).append(", ").append(layout.size())
          .append(" bytes\n\n| offset | size | field | content |\n|---:|---:|---|---|\n");
      for (Layout.Field field : layout.fields()) {
        text.append("| ").append(field.offset()).append(" | ").append(field.size()).append(" | ")
            .append(field.name()).append(" | ").append(field.meaning()).append(" |\n");
      }
    }
    return text.append('\n').toString();
  }
}
