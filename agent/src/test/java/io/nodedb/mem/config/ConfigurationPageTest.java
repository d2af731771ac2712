package io.nodedb.mem.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/configuration.md knows every key, and the defaults it states are the built-in ones. */
class ConfigurationPageTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([^`]+)` \\| (?:`([^`]+)`|([^|`]+)) \\|");

  @TempDir Path directory;

  /** What the table of settings states: keys, and defaults where they are values. */
  private static Map<String, String> table() throws IOException {
    var rows = new HashMap<String, String>();
    var row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      rows.put(row.group(1), row.group(2));
    }
    return rows;
  }

  @Test
  void everyKeyIsInTheTables() throws IOException {
    var rows = table().keySet();

    assertThat(rows).containsAll(Keys.VALUES);
    assertThat(rows).containsAll(Keys.OF_ENGINE.stream().map(k -> "engines.NAME." + k).toList());
    assertThat(rows).containsAll(Keys.OF_RULE);
  }

  @Test
  void theTablesKnowNoKeyThatTheParserDoesNot() throws IOException {
    var known = new HashSet<>(Keys.VALUES);
    Keys.OF_ENGINE.forEach(k -> known.add("engines.NAME." + k));
    known.addAll(Keys.OF_RULE);

    assertThat(known).containsAll(table().keySet());
  }

  @Test
  void theDefaultsStatedAreTheBuiltInOnes() throws IOException {
    var builtIn = new Given(directory).load();
    var file = new StringBuilder();
    table()
        .forEach(
            (key, value) -> {
              if (value != null) {
                file.append(key.replace("NAME", "query")).append(" = ").append(value).append('\n');
              }
            });
    assertThat(file.toString().lines().count()).as("defaults stated").isGreaterThan(25);

    var stated =
        new Given(directory)
            .property("java.io.tmpdir", directory.resolve("tmp").toString())
            .file(file.toString())
            .load();

    assertThat(stated)
        .usingRecursiveComparison()
        .ignoringFields("file")
        .isEqualTo(builtIn);
  }
}
