package io.nodedb.mem.offheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nodedb.mem.CollectionArena;
import io.nodedb.mem.Registration;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try")
class PinningTest {
  private final Engines engines = Engines.of(64 << 20);
  private final OffheapMemory memory = engines.memory;

  @AfterEach
  void close() {
    engines.close();
  }

  @Test
  void pinnedToArenaZeroReadsBackZero() {
    try (Registration pin = memory.pinCurrentThread(0)) {
      assertThat(memory.currentArena()).hasValue(0);
    }
  }

  @Test
  void pinPastTheLastArenaMakesOne() {
    int before = memory.currentArena().orElseThrow();
    int made;
    try (Registration pin = memory.pinCurrentThread(3000)) {
      made = memory.currentArena().orElseThrow();
      assertThat(made).isPositive().isNotEqualTo(before).isLessThan(3000);
      try (Registration again = memory.pinCurrentThread(3000)) {
        assertThat(memory.currentArena().orElseThrow()).isGreaterThan(made);
      }
      assertThat(memory.currentArena()).hasValue(made);
    }
    assertThat(memory.currentArena()).hasValue(before);
  }

  @Test
  void enginesHaveArenasOfTheirOwn() {
    int vector = arenaPinnedTo("vector");
    assertThat(arenaPinnedTo("vector")).isEqualTo(vector);
    assertThat(arenaPinnedTo("query")).isNotEqualTo(vector);
    assertThatThrownBy(() -> memory.pinCurrentThread(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pinIsUndoneByItsThreadOnly() {
    Registration pin = memory.pinCurrentThread("vector");
    CompletableFuture.runAsync(
            () -> assertThatThrownBy(pin::close).isInstanceOf(WrongThreadException.class))
        .join();
    pin.close();
    int after = memory.currentArena().orElseThrow();
    pin.close();
    assertThat(memory.currentArena()).hasValue(after);
  }

  @Test
  void virtualThreadsStayAsTheyAreAndItIsSaidOnce() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      Thread.startVirtualThread(() -> memory.pinCurrentThread("vector").close()).join();
    }
    assertThat(engines.log).filteredOn(l -> l.contains("virtual")).hasSize(1);
  }

  @Test
  void callIsPinnedForItsExtent() {
    int before = memory.currentArena().orElseThrow();
    int token = memory.hooks().pin(Engines.ID, 0);
    assertThat(memory.currentArena()).hasValue(arenaPinnedTo("vector"));
    memory.hooks().unpin(Engines.ID, 0, token);
    assertThat(memory.currentArena()).hasValue(before);
  }

  @Test
  void eachThreadOfAnEngineHasACore() throws Exception {
    assumeTrue(Native.supported(), "thread affinity is tested on Linux only");
    BitSet allowed = ThreadPlacement.affinity();
    int cores = allowed.cardinality();
    CyclicBarrier all = new CyclicBarrier(cores);
    Callable<BitSet> task =
        () -> {
          all.await();
          assertThat(memory.currentArena()).hasValue(arenaPinnedTo("vector"));
          try (Arena arena = memory.arena("vector")) {
            arena.allocate(100);
          }
          return ThreadPlacement.affinity();
        };
    try (ExecutorService executor = memory.threadPerCore("vector", cores)) {
      Set<BitSet> seen = new HashSet<>();
      for (Future<BitSet> each : java.util.stream.Stream.generate(() -> executor.submit(task))
          .limit(cores).toList()) {
        seen.add(each.get());
      }
      assertThat(seen).hasSize(cores).allMatch(mask -> mask.cardinality() == 1);
    }
    assertThatThrownBy(() -> memory.threadPerCore("vector", cores + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to " + cores);
  }

  @Test
  void kernelTakesPolicyAndAffinityAndTellsErrors() {
    assumeTrue(Native.supported(), "memory policy is tested on Linux only");
    CompletableFuture.runAsync(
            () -> {
              BitSet before = ThreadPlacement.affinity();
              assertThat(ThreadPlacement.affinity(before)).isZero();
              assertThat(ThreadPlacement.affinity(new BitSet())).as("EINVAL").isEqualTo(22);
              int error = ThreadPlacement.preferNode(0);
              assumeTrue(error == 0, "set_mempolicy is not allowed here: errno " + error);
              assertThat(ThreadPlacement.preferredNode()).isZero();
              assertThat(ThreadPlacement.preferNode(1000)).as("EINVAL").isEqualTo(22);
              assertThat(ThreadPlacement.preferNode(-1)).isZero();
              assertThat(ThreadPlacement.preferredNode()).isEqualTo(-1);
            },
            Runnable::run)
        .join();
  }

  @Test
  void sameCollectionSameArena() {
    CollectionArena a = memory.collection("vector", "acme", "a");
    assertThat(memory.collection("vector", "acme", "a")).isSameAs(a);
    assertThat(memory.collection("vector", "acme", "b").index()).isNotEqualTo(a.index());
    assertThat(memory.collection("vector", "other", "a").index()).isNotEqualTo(a.index());
    assertThat(memory.findCollection("acme", "a")).containsSame(a);
    assertThat(memory.findCollection("acme", "unknown")).isEmpty();
    assertThatThrownBy(() -> memory.collection("query", "acme", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'vector'");
    assertThat(a.resident()).isNotNegative();
    try (Arena arena = a.arena()) {
      arena.allocate(1000);
      assertThat(engines.used()).isEqualTo(1024);
    }
    assertThat(engines.used()).isZero();
  }

  private int arenaPinnedTo(String engine) {
    try (Registration pin = memory.pinCurrentThread(engine)) {
      return memory.currentArena().orElseThrow();
    }
  }
}
