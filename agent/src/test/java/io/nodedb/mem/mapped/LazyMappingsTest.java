package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.Pin;
import io.nodedb.mem.Reservation;
import io.nodedb.mem.UnknownEngineException;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Governor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mapped windows and a real governor: who pays, and what gives way at a breach. */
class LazyMappingsTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;
  private final AtomicInteger made = new AtomicInteger();
  private final Governor governor =
      Budgets.ceiling(10 * MIB).engine("query", 4 * MIB).engine("vector", 6 * MIB).governor();
  private final LazyMappings mappings = new LazyMappings(8 * MIB, this::make);
  private Path file;

  private MappingManager make() {
    made.incrementAndGet();
    return new MappingManager(
        MappingSettings.DEFAULTS
            .withBudget(8 * MIB)
            .withWindowSize(MIB)
            .withPinWait(Duration.ZERO),
        governor::engine,
        System::nanoTime);
  }

  @BeforeEach
  void prepare() throws IOException {
    governor.addRelief(mappings.relief());
    file = Files.write(dir.resolve("file"), new byte[8 << 20]);
  }

  @AfterEach
  void close() {
    mappings.ifStarted().ifPresent(MappingManager::close);
  }

  private Pin pin(String engine, int window) {
    return mappings.get().pin(file, window * MIB, 8, MapMode.READ_ONLY, engine, "f");
  }

  private long mapped(String engine) {
    return governor.engine(engine).snapshot().mapped();
  }

  @Test
  void nothingIsMadeBeforeItIsAskedFor() {
    governor.reserve("query", 4 * MIB).close();
    assertThatThrownBy(() -> governor.reserve("query", 5 * MIB));
    assertThat(mappings.snapshot().budget()).isEqualTo(8 * MIB);
    assertThat(mappings.residentBytes()).isZero();
    assertThat(made).hasValue(0);
    assertThat(mappings.get()).isSameAs(mappings.get());
    assertThat(made).hasValue(1);
  }

  @Test
  void windowsAreTheirEnginesUse() {
    pin("query", 0).close();
    pin("vector", 1).close();
    pin("vector", 2).close();
    assertThat(mapped("query")).isEqualTo(MIB);
    assertThat(mapped("vector")).isEqualTo(2 * MIB);
    assertThat(governor.snapshot().used()).isEqualTo(3 * MIB);
    mappings.get().releaseCold(Duration.ZERO);
    assertThat(governor.snapshot().used()).isZero();
    assertThatThrownBy(() -> pin("nobody", 3)).isInstanceOf(UnknownEngineException.class);
  }

  @Test
  void unpinnedWindowsGiveWayToOtherMemoryOfTheEngine() {
    for (int i = 0; i < 3; i++) {
      pin("query", i).close();
    }
    try (Pin held = pin("query", 3)) {
      try (Reservation r = governor.reserve("query", 2 * MIB)) {
        assertThat(mapped("query")).isEqualTo(2 * MIB);
        assertThat(r.bytes()).isEqualTo(2 * MIB);
      }
      assertThatThrownBy(() -> governor.reserve("query", 4 * MIB))
          .isInstanceOf(BudgetExceededException.class);
      assertThat(held.segment().byteSize()).isEqualTo(8);
      assertThat(mapped("query")).as("what is pinned stays").isEqualTo(MIB);
    }
  }

  @Test
  void anybodysWindowsGiveWayAtTheCeiling() {
    for (int i = 0; i < 4; i++) {
      pin("query", i).close();
    }
    // Past its limit without asking, so that the ceiling is what vector meets.
    governor.charge("query", 3 * MIB);
    try (Reservation r = governor.reserve("vector", 5 * MIB)) {
      assertThat(r.bytes()).isEqualTo(5 * MIB);
      assertThat(governor.snapshot().used()).isEqualTo(10 * MIB);
      assertThat(mapped("query")).isEqualTo(2 * MIB);
    }
  }
}
