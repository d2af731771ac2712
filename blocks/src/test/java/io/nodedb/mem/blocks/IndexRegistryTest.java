package io.nodedb.mem.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.blocks.IndexRegistry.Loaded;
import io.nodedb.mem.blocks.IndexRegistry.State;
import io.nodedb.mem.blocks.IndexRegistry.Use;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fields are known at once, loaded once, unloaded coldest first. */
class IndexRegistryTest {
  @TempDir Path dir;
  private final AtomicLong clock = new AtomicLong();
  private final List<String> loaded = java.util.Collections.synchronizedList(new ArrayList<>());
  private final List<String> unloaded = java.util.Collections.synchronizedList(new ArrayList<>());

  private IndexRegistry<String> registry(int fields, long budget) {
    List<FieldManifest.Entry> entries = new ArrayList<>();
    for (int i = 0; i < fields; i++) {
      entries.add(new FieldManifest.Entry("f" + i, Path.of("f" + i + ".idx"), 10));
    }
    FieldManifest.write(dir, entries);
    IndexRegistry<String> registry =
        new IndexRegistry<>(
            "query",
            (directory, entry) -> {
              loaded.add(entry.name());
              return new Loaded<>(
                  "value of " + entry.name(), 10, () -> unloaded.add(entry.name()));
            },
            budget,
            clock::incrementAndGet);
    assertThat(registry.register(dir)).isEqualTo(fields);
    return registry;
  }

  private static State state(IndexRegistry<?> registry, String field) {
    return registry.fields().stream()
        .filter(s -> s.name().equals(field))
        .findFirst()
        .orElseThrow()
        .state();
  }

  @Test
  void registersWithoutLoading() {
    try (IndexRegistry<String> registry = registry(1000, 0)) {
      assertThat(loaded).isEmpty();
      assertThat(registry.fields()).hasSize(1000);
      assertThat(registry.fields()).allMatch(s -> s.state() == State.REGISTERED);
      assertThat(registry.register(dir)).isZero();
    }
  }

  @Test
  void loadsAtTheFirstUseOnly() {
    try (IndexRegistry<String> registry = registry(3, 0)) {
      for (int i = 0; i < 3; i++) {
        try (Use<String> use = registry.use("f1")) {
          assertThat(use.value()).isEqualTo("value of f1");
          assertThat(state(registry, "f1")).isEqualTo(State.LOADED);
        }
      }
      assertThat(loaded).containsExactly("f1");
      assertThat(registry.loadedBytes()).isEqualTo(10);
    }
    assertThat(unloaded).containsExactly("f1");
  }

  @Test
  void coldestGoesFirstAndWhatIsUsedStays() {
    try (IndexRegistry<String> registry = registry(5, 0)) {
      for (String name : List.of("f0", "f1", "f2", "f3", "f0")) {
        registry.use(name).close();
      }
      try (Use<String> _ = registry.use("f2")) {
        assertThat(registry.unload(15)).isEqualTo(20);
        assertThat(unloaded).containsExactly("f1", "f3");
        assertThat(registry.unload(1000)).isEqualTo(10);
        assertThat(state(registry, "f2")).isEqualTo(State.LOADED);
        assertThat(state(registry, "f0")).isEqualTo(State.REGISTERED);
      }
      registry.use("f1").close();
      assertThat(loaded.stream().filter("f1"::equals)).hasSize(2);
    }
  }

  @Test
  void budgetUnloadsBeforeItLoads() {
    try (IndexRegistry<String> registry = registry(50, 100)) {
      for (int i = 0; i < 50; i++) {
        registry.use("f" + i).close();
        assertThat(registry.loadedBytes()).isLessThanOrEqualTo(100);
      }
      assertThat(unloaded).hasSize(40).startsWith("f0", "f1", "f2");
    }
  }

  @Test
  void failedLoadIsSeenAndTriedAgain() {
    FieldManifest.write(dir, List.of(new FieldManifest.Entry("f", Path.of("f"), 1)));
    AtomicInteger tries = new AtomicInteger();
    try (IndexRegistry<String> registry =
        new IndexRegistry<>(
            "query",
            (directory, entry) -> {
              if (tries.getAndIncrement() == 0) {
                throw new IOException("disk on fire");
              }
              return new Loaded<>("ok", 1, () -> {});
            },
            0,
            clock::incrementAndGet)) {
      registry.register(dir);
      assertThatThrownBy(() -> registry.use("f"))
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("disk on fire")
          .hasCauseInstanceOf(IOException.class);
      assertThat(state(registry, "f")).isEqualTo(State.FAILED);
      registry.use("f").close();
      assertThat(state(registry, "f")).isEqualTo(State.LOADED);
      assertThatThrownBy(() -> registry.use("g")).hasMessageContaining("never registered");
    }
  }

  @Test
  void concurrentFirstUsesLoadOnce() throws Exception {
    try (IndexRegistry<String> registry = registry(20, 0)) {
      CyclicBarrier together = new CyclicBarrier(4);
      inThreads(
          4,
          id -> {
            for (int i = 0; i < 20; i++) {
              together.await();
              try (Use<String> use = registry.use("f" + i)) {
                assertThat(use.value()).isEqualTo("value of f" + i);
              }
            }
          });
      assertThat(loaded).hasSize(20).doesNotHaveDuplicates();
    }
  }

  @Test
  void usesUnderPressureNeverSeeAnUnloadedField() throws Exception {
    FieldManifest.write(
        dir,
        List.of(
            new FieldManifest.Entry("a", Path.of("a"), 10),
            new FieldManifest.Entry("b", Path.of("b"), 10),
            new FieldManifest.Entry("c", Path.of("c"), 10)));
    try (IndexRegistry<AtomicInteger> registry =
        new IndexRegistry<>(
            "query",
            (directory, entry) -> {
              AtomicInteger alive = new AtomicInteger(1);
              return new Loaded<>(alive, 10, () -> alive.set(0));
            },
            10,
            clock::incrementAndGet)) {
      registry.register(dir);
      inThreads(
          4,
          id -> {
            SplittableRandom random = new SplittableRandom(id);
            for (int i = 0; i < 5_000; i++) {
              try (Use<AtomicInteger> use =
                  registry.use(String.valueOf("abc".charAt(random.nextInt(3))))) {
                if (use.value().get() != 1) {
                  throw new AssertionError("unloaded while in use");
                }
              }
            }
          });
      registry.unload(Long.MAX_VALUE);
      assertThat(registry.loadedBytes()).isZero();
    }
  }

  @Test
  void damagedManifestIsNamed() throws IOException {
    registry(3, 0).close();
    Path file = dir.resolve(FieldManifest.FILE);
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 4;
      Files.write(file, bad);
      assertThatThrownBy(() -> FieldManifest.read(dir))
          .isInstanceOf(MappingException.class)
          .hasMessageContaining(FieldManifest.FILE);
    }
    for (int length = 0; length < good.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertThatThrownBy(() -> FieldManifest.read(dir)).isInstanceOf(MappingException.class);
    }
    Files.write(file, good);
    assertThat(FieldManifest.read(dir)).hasSize(3);
    assertThat(new String(good, StandardCharsets.UTF_8)).startsWith("nodedb-mem fields 1\n10\tf0");
  }

  @Test
  void entriesOutsideTheDirectoryAreRefused() {
    for (String file : List.of("../x", "/etc/passwd", "a/../../x", "a\tb", "")) {
      assertThatThrownBy(() -> new FieldManifest.Entry("f", Path.of(file), 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private interface Work {
    void run(int id) throws Exception;
  }

  private static void inThreads(int count, Work work) throws InterruptedException {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      int id = t;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      work.run(id);
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }
}
