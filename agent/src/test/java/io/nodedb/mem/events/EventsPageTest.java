package io.nodedb.mem.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Name;
import org.junit.jupiter.api.Test;

/** The page against the events: none is left out, neither from the page nor from registration. */
class EventsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "observability.md");

  @Test
  void everyEventClassIsRegistered() throws IOException, URISyntaxException {
    Path classes =
        Path.of(Recorder.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.list(classes.resolve("io/nodedb/mem/events"))) {
      List<String> events =
          files
              .map(file -> file.getFileName().toString().replace(".class", ""))
              .filter(name -> name.endsWith("Event") && !name.equals("MemoryEvent"))
              .toList();
      assertThat(events)
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(
              Recorder.EVENTS.stream().map(Class::getSimpleName).toList());
    }
  }

  @Test
  void everyEventAndFieldIsInItsRow() throws IOException {
    List<String> rows = Files.readAllLines(PAGE);
    for (Class<?> event : Recorder.EVENTS) {
      String name = "`" + event.getAnnotation(Name.class).value() + "`";
      assertThat(rows)
          .filteredOn(row -> row.startsWith("| " + name))
          .singleElement()
          .asString()
          .contains(
              Stream.of(event.getDeclaredFields())
                  .filter(field -> !field.isSynthetic())
                  .map(Field::getName)
                  .map(field -> "`" + field + "`")
                  .toList());
    }
  }
}
