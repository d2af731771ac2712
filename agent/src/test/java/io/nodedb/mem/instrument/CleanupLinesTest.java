package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanupLinesTest {
  private final CleaningUp program = new CleaningUp();
  private final List<Integer> found;

  CleanupLinesTest() throws Exception {
    var rewriting = new Rewriting(Rewriting.everything(null));
    rewriting.load(CleaningUp.class);
    found = Arrays.stream(rewriting.cleanups.get(CleaningUp.class.getName())).boxed().toList();
  }

  private void isTold() {
    assertThat(program.work).isNotEmpty().doesNotContainAnyElementsOf(found);
    assertThat(found).containsAll(program.cleanup).isSorted();
  }

  @Test
  void finallyOnEveryWayOut() {
    program.plain(false);
    program.plain(true);
    assertThat(program.cleanup).hasSize(4);
    isTold();
  }

  @Test
  void finallyInsideTryAndFinally() {
    program.nested();
    assertThat(program.cleanup).hasSize(3);
    isTold();
  }

  @Test
  void resourcesThatAreClosedAfterWork() {
    program.resources(false);
    assertThat(program.cleanup).hasSize(2);
    isTold();
  }

  /** There the exception is on its way already. */
  @Test
  void resourcesThatAreClosedForAnExceptionAreOnTheLineThatOpensThem() {
    assertThatThrownBy(() -> program.resources(true)).isInstanceOf(IllegalStateException.class);
    assertThat(program.work).doesNotContainAnyElementsOf(found);
  }

  @Test
  void nothingElse() {
    program.other();
    program.onOneLine();
    isTold();
  }

  @Test
  void realLibrariesHaveSome() throws Exception {
    var rewriting = new Rewriting(Rewriting.everything(null));
    var name = "org.h2.command.Command";
    try (var file = ClassLoader.getSystemResourceAsStream(name.replace('.', '/') + ".class")) {
      rewriting.rewrite(new URLClassLoader(new URL[0]), name, file.readAllBytes());
    }
    assertThat(rewriting.cleanups.get(name)).isNotEmpty();
  }
}
