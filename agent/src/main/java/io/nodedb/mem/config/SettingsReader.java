package io.nodedb.mem.config;

import com.typesafe.config.ConfigObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns a tree whose keys are known into settings, and checks what depends on the machine. */
final class SettingsReader {
  private static final String CEILING_REMEDY =
      "write a size or a percentage of the memory, such as 2GiB or 50%";
  private static final String HEAP_REMEDY =
      "write a size or a percentage of -Xmx, such as 2GiB or 85%";

  private final Values values;
  private final Machine machine;
  private final List<String> warnings = new ArrayList<>();

  SettingsReader(ConfigObject tree, Machine machine) {
    this.values = new Values(tree, "");
    this.machine = machine;
  }

  Settings read(Optional<Path> file) {
    var ceiling = ceiling();
    var heapCeiling = heapCeiling(ceiling);
    var engines = new EngineReader(values, ceiling, warnings).read();
    var names = engines.stream().map(EngineSettings::name).toList();
    var sections = new SectionReader(values, machine);
    return new Settings(
        ceiling.value(),
        heapCeiling,
        engines,
        sections.pressure(),
        sections.spill(),
        sections.rebalance(),
        sections.heap(),
        sections.audit(),
        sections.guard(),
        sections.mmap(),
        sections.overflow(),
        sections.offheap(),
        sections.metrics(),
        new RuleReader(names).read(values),
        file,
        warnings);
  }

  private Item<Long> ceiling() {
    var memory = machine.memory();
    var ceiling = values.read("ceiling", "80%", t -> Sizes.parse(t, memory), CEILING_REMEDY);
    if (ceiling.value() <= 0) {
      throw ceiling.bad("a ceiling of nothing leaves no room for any engine", CEILING_REMEDY);
    }
    if (ceiling.value() > memory) {
      warnings.add(
          ceiling + " is above the memory that this process can have, " + Sizes.format(memory));
    }
    return ceiling;
  }

  private long heapCeiling(Item<Long> ceiling) {
    var max = machine.maxHeap();
    var heap = values.read("heap-ceiling", "85%", t -> Sizes.parse(t, max), HEAP_REMEDY);
    if (heap.value() <= 0) {
      throw heap.bad("a heap ceiling of nothing leaves no room for any object", HEAP_REMEDY);
    }
    if (!heap.stated()) {
      return Math.min(heap.value(), ceiling.value());
    }
    if (heap.value() > ceiling.value()) {
      warnings.add(heap + " is above " + ceiling + ", which is reached first");
    }
    if (heap.value() > max) {
      warnings.add(heap + " is above -Xmx, " + Sizes.format(max) + ", which is reached first");
    }
    return heap.value();
  }
}
