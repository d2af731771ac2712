package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;

@Name(MemoryEvent.PREFIX + "EngineUsage")
@Label("Engine Usage")
@Description("One engine's budget and ledgers, periodically")
@Period("1 s")
final class EngineUsageEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Used")
  @Description("The sum of the ledgers")
  @DataAmount
  long used;

  @Label("Heap")
  @Description("Live Java heap attributed to the engine's scopes")
  @DataAmount
  long heap;

  @Label("Native")
  @DataAmount
  long nativeMemory;

  @Label("Mapped")
  @DataAmount
  long mapped;

  @Label("Reserved")
  @Description("Explicit reservations and charges")
  @DataAmount
  long reserved;

  @Label("Limit")
  @DataAmount
  long limit;

  @Label("Utilization")
  @Description("Used as a share of the limit")
  @Percentage
  float utilization;

  @Label("Peak")
  @Description("The highest use so far")
  @DataAmount
  long peak;

  @Label("Allocated")
  @Description("Java heap allocated in the engine's scopes since the start, collected or not")
  @DataAmount
  long allocated;

  @Label("Pressure")
  String pressure;

  @Label("Mode")
  @Description("What a breach does: reject, wait or observe")
  String mode;

  @Label("Rejections")
  @Description("Requests refused so far")
  long rejections;

  @Label("Over-Releases")
  @Description("Releases of more than was charged so far")
  long overReleases;

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
}
