package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnattributedHeapTest {
  private final Governor governor =
      Budgets.ceiling(1000).engine("query", 500).engine("vector", 500).governor();
  private final Engine query = governor.engine("query");
  private final Engine vector = governor.engine("vector");
  private final List<Long> told = new ArrayList<>();
  private long collections;
  private long usedAfter;
  private long allocated;
  private long dead;

  private final UnattributedHeap unattributed =
      new UnattributedHeap(
          governor.engines(),
          () -> collections,
          () -> usedAfter,
          () -> {
            query.release(LedgerKind.HEAP, dead);
            dead = 0;
          },
          told::add);

  UnattributedHeapTest() {
    query.allocatedFrom(() -> allocated);
  }

  private void allocate(long bytes) {
    query.charge(LedgerKind.HEAP, bytes);
    allocated += bytes;
  }

  private void collect(long after) {
    collections++;
    usedAfter = after;
  }

  @Test
  void whatNoEngineHoldsIsTold() {
    vector.charge(LedgerKind.HEAP, 100);
    allocate(200);
    dead = 50;
    unattributed.tick();
    assertThat(told).isEmpty();
    collect(350);
    unattributed.tick();
    unattributed.tick();
    assertThat(told).containsExactly(100L);
  }

  @Test
  void whatIsAllocatedAfterTheCollectionHidesNothing() {
    allocate(200);
    unattributed.tick();
    collect(300);
    allocate(150);
    unattributed.tick();
    assertThat(told).containsExactly(100L);
  }

  @Test
  void neverLessThanNothingNorMoreThanTheHeapHeld() {
    allocate(200);
    unattributed.tick();
    collect(150);
    unattributed.tick();
    // Lives and dies between two looks.
    allocate(400);
    collect(180);
    dead = 400;
    unattributed.tick();
    assertThat(told).containsExactly(0L, 180L);
  }
}
