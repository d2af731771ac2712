package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ExtentAllocatorTest {
  private static final long LIMIT = 1 << 16;

  @Test
  void takesTheSmallestThatFitsAndTheFirstOfEquals() {
    ExtentAllocator allocator = new ExtentAllocator(0);
    long large = allocator.allocate(64, LIMIT);
    allocator.allocate(16, LIMIT);
    long small = allocator.allocate(32, LIMIT);
    allocator.allocate(16, LIMIT);
    long equal = allocator.allocate(32, LIMIT);
    allocator.allocate(16, LIMIT);
    allocator.free(large, 64);
    allocator.free(equal, 32);
    allocator.free(small, 32);
    assertThat(allocator.allocate(32, LIMIT)).isEqualTo(small);
    assertThat(allocator.allocate(32, LIMIT)).isEqualTo(equal);
    assertThat(allocator.allocate(48, LIMIT)).isEqualTo(large);
    assertThat(allocator.freeBytes()).isEqualTo(16);
  }

  @Property(tries = 200)
  void extentsNeverOverlapAndEverythingComesBack(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int steps) {
    Random random = new Random(seed);
    ExtentAllocator allocator = new ExtentAllocator(4096);
    TreeMap<Long, Long> taken = new TreeMap<>();
    for (int i = 0; i < steps; i++) {
      if (!taken.isEmpty() && random.nextInt(3) == 0) {
        List<Long> offsets = new ArrayList<>(taken.keySet());
        long offset = offsets.get(random.nextInt(offsets.size()));
        allocator.free(offset, taken.remove(offset));
      } else {
        long size = 16L * (1 + random.nextInt(64));
        long offset = allocator.allocate(size, LIMIT);
        if (offset != ExtentAllocator.NONE) {
          assertThat(offset).isGreaterThanOrEqualTo(4096);
          assertThat(offset + size).isLessThanOrEqualTo(LIMIT);
          var before = taken.floorEntry(offset);
          assertThat(before == null || before.getKey() + before.getValue() <= offset).isTrue();
          Long after = taken.ceilingKey(offset);
          assertThat(after == null || offset + size <= after).isTrue();
          taken.put(offset, size);
        }
      }
      long live = taken.values().stream().mapToLong(Long::longValue).sum();
      assertThat(allocator.end() - 4096 - allocator.freeBytes()).isEqualTo(live);
    }
    taken.forEach(allocator::free);
    assertThat(allocator.end()).isEqualTo(4096);
    assertThat(allocator.freeBytes()).isZero();
  }
}
