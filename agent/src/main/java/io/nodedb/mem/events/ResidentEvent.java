package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;

@Name(MemoryEvent.PREFIX + "Resident")
@Label("Resident Memory")
@Description("The process's memory against the ceiling, periodically")
@Period("1 s")
final class ResidentEvent extends MemoryEvent {
  @Label("RSS")
  @Description("The process's resident set; -1 if the system does not tell")
  @DataAmount
  long rss;

  @Label("Ceiling")
  @Description("Bound of the sum over all engines")
  @DataAmount
  long ceiling;

  @Label("Used")
  @Description("What all engines are charged")
  @DataAmount
  long used;

  @Label("JVM")
  @Description("Metaspace, code, and estimates for the collector and threads' stacks")
  @DataAmount
  long jvm;

  @Label("Unattributed")
  @Description("The rest of the resident set; -1 if that is not known")
  @DataAmount
  long unattributed;

  @Label("Heap Committed")
  @DataAmount
  long heapCommitted;

  @Label("Heap Used")
  @Description("Java heap in use, garbage and memory outside every scope included")
  @DataAmount
  long heapUsed;

  @Label("Control Group Held")
  @Description("What the control group holds and the kernel cannot just drop; -1 if not told")
  @DataAmount
  long groupHeld;

  @Label("Control Group Limit")
  @Description("-1 if there is none")
  @DataAmount
  long groupLimit;

  @Label("Stalled")
  @Description("Share of 10 s in which some task stood still for want of memory; -1 if not told")
  @Percentage
  float stalled;

  @Label("Native Allocated")
  @Description("Handed out by the native allocator and not freed")
  @DataAmount
  long nativeAllocated;

  @Label("Native Active")
  @Description("Pages of it that hold at least one block")
  @DataAmount
  long nativeActive;

  @Label("Native Resident")
  @Description("Physical memory of its arenas at most")
  @DataAmount
  long nativeResident;

  @Label("Native Mapped")
  @Description("Address space in use by it")
  @DataAmount
  long nativeMapped;

  @Label("Native Dirty")
  @Description("Free pages it has not given back yet")
  @DataAmount
  long nativeDirty;

  @Label("Native Retained")
  @Description("Address space without memory it keeps for reuse")
  @DataAmount
  long nativeRetained;

  @Label("Native Fragmentation")
  @Description("Share of active pages that holds nothing")
  @Percentage
  float nativeFragmentation;

  @Label("Mapped Resident")
  @Description("Pages of mapped windows that are in memory")
  @DataAmount
  long mappedResident;
}
