package io.nodedb.mem.sample.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.sample.data.BadDataException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EditHistoryTest {
  private static final String CHANGE = "{\"actor\":\"a\",\"startOp\":%d,\"deps\":{},\"ops\":[%s]}\n";

  @TempDir private Path directory;

  @Test
  void identitiesBecomePositions() throws IOException {
    EditHistory history = read(
        insert(2, "_head", "b") + insert(3, "2@a", "d") + insert(4, "2@a", "c")
            + insert(5, "_head", "a") + delete(6, "4@a") + insert(7, "4@a", "x") + delete(8, "4@a"));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < history.size(); i++) {
      if (history.isDelete(i)) {
        text.deleteCharAt(history.position(i));
      } else {
        text.insert(history.position(i), history.inserted(i));
      }
    }
    // x was put after a character already deleted; the second deletion of that one changes nothing
    assertThat(text).hasToString("abxd");
    assertThat(history.size()).isEqualTo(6);
  }

  @Test
  void damagedFilesAreOneLineThatNamesTheLine() throws IOException {
    String good = insert(2, "_head", "b");
    for (String bad : new String[] {
      "{", "{}", insert(3, "9@z", "c"), insert(3, "2@a", "cc"), "nonsense"
    }) {
      assertThatThrownBy(() -> read(good + bad))
          .as(bad)
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("line 2")
          .message().doesNotContain("\n");
    }
    Path plain = Files.writeString(directory.resolve("plain.gz"), good);
    assertThatThrownBy(() -> EditHistory.read(plain, 10)).isInstanceOf(BadDataException.class);
  }

  private EditHistory read(String lines) throws IOException {
    Path file = directory.resolve("history.json.gz");
    try (OutputStreamWriter out = new OutputStreamWriter(
        new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
      out.write(lines);
    }
    return EditHistory.read(file, 100);
  }

  private static String insert(int op, String after, String value) {
    return String.format(CHANGE, op, "{\"action\":\"set\",\"obj\":\"1@a\",\"elemId\":\"" + after
        + "\",\"insert\":true,\"value\":\"" + value + "\",\"pred\":[]}");
  }

  private static String delete(int op, String which) {
    return String.format(CHANGE, op, "{\"action\":\"del\",\"obj\":\"1@a\",\"elemId\":\"" + which
        + "\",\"pred\":[\"" + which + "\"]}");
  }
}
