package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random histories against a map: what was written and not freed is there, nothing else is. */
class OverflowModelTest {
  private static final String[] ENGINES = {"vector", "query", "wal"};

  @Property(tries = 60)
  void behavesAsAMapOverReopeningsAndCheckpoints(
      @ForAll long seed,
      @ForAll Durability durability,
      @ForAll @IntRange(min = 1, max = 3) int retained)
      throws Exception {
    Path dir = MemoryDirectory.create();
    try (MappingManager manager = Store.manager()) {
      new History(dir.resolve("region"), durability, retained, new Random(seed), manager).run();
    } finally {
      Store.delete(dir.resolve("region"));
      Store.delete(dir);
    }
  }

  /** One history. */
  private static final class History {
    private final Path dir;
    private final OverflowOptions options;
    private final Random random;
    private final MappingManager manager;
    private final Map<Long, byte[]> model = new HashMap<>();
    private final Map<Long, String> engines = new HashMap<>();
    private final Set<Long> freed = new HashSet<>();
    private Map<Long, byte[]> checkpointed = Map.of();
    private OverflowRegion region;

    History(
        Path dir, Durability durability, int retained, Random random, MappingManager manager) {
      this.dir = dir;
      OverflowOptions small = Store.small();
      this.options =
          small
              .withDurability(durability)
              .withCheckpoints(
                  small.checkpointLogBytes(), small.checkpointAge(), retained);
      this.random = random;
      this.manager = manager;
    }

    void run() {
      region = Store.open(dir, options, manager);
      try {
        for (int i = 0; i < 150; i++) {
          step();
        }
        compare(region, model);
      } finally {
        region.close();
      }
    }

    private void step() {
      switch (random.nextInt(20)) {
        case 0 -> {
          region.forceCheckpoint();
          checkpointed = Map.copyOf(model);
        }
        case 1 -> {
          region.close();
          region = Store.open(dir, options, manager);
          checkpointed = Map.copyOf(model);
          compare(region, model);
        }
        case 2 -> {
          try (OverflowRegion reader = Store.openReadOnly(dir, manager)) {
            compare(reader, checkpointed);
          }
        }
        case 3, 4, 5, 6, 7, 8 -> free();
        default -> write();
      }
    }

    private void write() {
      byte[] payload = Store.payload(random.nextLong(), random.nextInt(6000));
      String engine = ENGINES[random.nextInt(ENGINES.length)];
      long slot = region.write(payload, engine);
      assertThat(freed).doesNotContain(slot);
      assertThat(model.put(slot, payload)).isNull();
      engines.put(slot, engine);
    }

    private void free() {
      if (model.isEmpty()) {
        return;
      }
      List<Long> slots = new ArrayList<>(model.keySet());
      slots.sort(null);
      long slot = slots.get(random.nextInt(slots.size()));
      region.free(slot);
      model.remove(slot);
      freed.add(slot);
      assertThatThrownBy(() -> region.free(slot)).isInstanceOf(OverflowException.class);
    }

    private void compare(OverflowRegion found, Map<Long, byte[]> expected) {
      assertThat(found.slots(null).boxed().toList())
          .containsExactlyInAnyOrderElementsOf(expected.keySet());
      expected.forEach(
          (slot, payload) -> {
            assertThat(Store.read(found, slot)).isEqualTo(payload);
            try (var view = found.read(slot)) {
              assertThat(view.engine()).isEqualTo(engines.get(slot));
            }
          });
      assertThat(found.statistics().liveSlots()).isEqualTo(expected.size());
    }
  }
}
