package io.nodedb.mem.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.OverflowException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against plain arrays and maps, spilled now and then; what is random has a fixed seed. */
class CacheAndBufferTest {
  @TempDir Path directory;
  private Stores.Counting store;

  @BeforeEach
  void open() {
    store = new Stores.Counting(SpillStore.inFile(directory));
  }

  @AfterEach
  void close() {
    assertThat(store.live).as("slots left behind").isZero();
    store.close();
  }

  @Test
  void bufferReadsWhatWasAppendedFromWhereverItIs() {
    SplittableRandom random = new SplittableRandom(3);
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    try (SpillableBuffer buffer = new SpillableBuffer("timeseries", store, 1000)) {
      for (int i = 0; i < 2_000; i++) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        assertThat(buffer.append(MemorySegment.ofArray(bytes))).isEqualTo(model.size());
        model.writeBytes(bytes);
        if (i % 50 == 0) {
          buffer.spill(random.nextInt(20_000), Stores.CONTEXT);
        }
      }
      byte[] all = model.toByteArray();
      assertThat(buffer.length()).isEqualTo(all.length);
      for (int i = 0; i < 500; i++) {
        int from = random.nextInt(all.length);
        byte[] read = new byte[random.nextInt(Math.min(5_000, all.length - from))];
        buffer.read(from, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(Arrays.copyOfRange(all, from, from + read.length));
      }
      assertThat(store.written).isPositive();
      assertThatThrownBy(() -> buffer.read(all.length - 1, MemorySegment.ofArray(new byte[2])))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void cacheFindsWhatWasPutFromWhereverItIs() {
    SplittableRandom random = new SplittableRandom(5);
    Map<Integer, byte[]> model = new HashMap<>();
    try (SpillableCache<Integer> cache = new SpillableCache<>("vector", store)) {
      for (int i = 0; i < 20_000; i++) {
        int key = random.nextInt(500);
        switch (random.nextInt(8)) {
          case 0 -> {
            cache.remove(key);
            model.remove(key);
          }
          case 1, 2, 3 -> {
            byte[] value = new byte[random.nextInt(200)];
            random.nextBytes(value);
            cache.put(key, value);
            model.put(key, value);
          }
          case 4 -> {
            if (random.nextInt(20) == 0) {
              cache.spill(random.nextInt(10_000), Stores.CONTEXT);
            } else {
              cache.restore(random.nextInt(500), Stores.CONTEXT);
            }
          }
          default ->
              assertThat(cache.get(key).orElse(null)).isEqualTo(model.get(key));
        }
      }
      assertThat(store.written).isPositive();
    }
  }

  @Test
  void cacheSpillsWhatWasUsedLeastRecently() {
    try (SpillableCache<String> cache = new SpillableCache<>("vector", store)) {
      cache.put("old", new byte[100]);
      cache.put("new", new byte[100]);
      cache.get("old");
      assertThat(cache.spill(1, Stores.CONTEXT)).isEqualTo(100);
      assertThat(cache.restore(99, Stores.CONTEXT)).as("no room").isZero();
      assertThat(cache.restore(100, Stores.CONTEXT)).isEqualTo(100);
    }
  }

  @Test
  void fullDiskLosesNothing() {
    try (SpillableCache<String> cache = new SpillableCache<>("vector", store)) {
      cache.put("a", new byte[] {1, 2, 3});
      store.full = true;
      assertThatThrownBy(() -> cache.spill(1, Stores.CONTEXT))
          .isInstanceOf(OverflowException.class);
      assertThat(cache.get("a")).contains(new byte[] {1, 2, 3});
    }
  }

  @Test
  void nothingIsUsedAfterItIsClosedWhichItMayBeTwice() {
    SpillableCache<String> cache = new SpillableCache<>("vector", store);
    SpillableBuffer buffer = new SpillableBuffer("timeseries", store, 10);
    MemorySegment bytes = MemorySegment.ofArray(new byte[25]);
    cache.put("a", new byte[10]);
    cache.put("b", new byte[10]);
    buffer.append(bytes);
    assertThat(cache.spill(1, Stores.CONTEXT)).isEqualTo(10);
    assertThat(buffer.spill(1, Stores.CONTEXT)).isEqualTo(10);
    for (int i = 0; i < 2; i++) {
      cache.close();
      buffer.close();
      assertThat(store.live).isZero();
    }
    assertThatThrownBy(() -> cache.get("a")).hasMessage("the cache is closed");
    assertThatThrownBy(() -> cache.put("a", new byte[1])).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> buffer.append(bytes)).hasMessage("the buffer is closed");
    assertThat(cache.spill(1, Stores.CONTEXT)).isZero();
    assertThat(cache.restore(100, Stores.CONTEXT)).isZero();
    assertThat(buffer.spill(1, Stores.CONTEXT)).isZero();
  }
}
