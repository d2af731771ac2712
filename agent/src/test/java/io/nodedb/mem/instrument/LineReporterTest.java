package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class LineReporterTest {
  private final ArrayList<String> lines = new ArrayList<>();
  private final LineReporter reporter = new LineReporter(lines::add);

  @Test
  void reportsOneProblemOncePerLoader() {
    var loader = getClass().getClassLoader();
    reporter.uninstrumented("a.B", null, "why");
    reporter.uninstrumented("a.B", null, "why");
    reporter.uninstrumented("a.B", loader, "why");
    assertThat(lines)
        .containsExactly(
            "nodedb-mem: class a.B stays uninstrumented: why (loader: boot)",
            "nodedb-mem: class a.B stays uninstrumented: why (loader: app)");
  }

  @Test
  void namesMethods() {
    reporter.uninstrumentedMethod("a.B", null, "c()V", "why");
    assertThat(lines)
        .containsExactly("nodedb-mem: method a.B.c()V stays uninstrumented: why (loader: boot)");
  }

  @Test
  void fallsSilentRatherThanFillALog() {
    for (int i = 0; i < 1000; i++) {
      reporter.uninstrumented("a.B" + i, null, "why");
    }
    assertThat(lines).hasSize(201);
    assertThat(lines.getLast()).contains("further");
  }
}
