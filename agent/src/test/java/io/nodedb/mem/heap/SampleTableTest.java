package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SampleTableTest {
  /** A number adds so many samples; a negative one removes as many, here and there. */
  @Property(tries = 200)
  void holdsWhatWasAddedAndNotRemoved(
      @ForAll @Size(max = 40) List<@IntRange(min = -1500, max = 1500) Integer> steps) {
    SampleTable table = new SampleTable();
    List<SampleRef> model = new ArrayList<>();
    for (int step : steps) {
      for (int i = 0; i < step; i++) {
        SampleRef ref = new SampleRef(this, null, 0, null, model.size());
        assertThat(table.holds(ref)).isFalse();
        assertThat(table.add(ref)).isTrue();
        model.add(ref);
      }
      for (int i = step; i < 0 && !model.isEmpty(); i++) {
        int which = Math.floorMod(i * 31, model.size());
        SampleRef ref = model.set(which, model.getLast());
        model.removeLast();
        table.remove(ref);
        assertThat(table.holds(ref)).isFalse();
      }
      assertThat(table.size()).isEqualTo(model.size());
    }
    List<SampleRef> held = new ArrayList<>();
    for (int i = 0; i < table.size(); i++) {
      held.add(table.get(i));
      assertThat(table.holds(table.get(i))).isTrue();
    }
    assertThat(held).containsExactlyInAnyOrderElementsOf(model);
  }
}
