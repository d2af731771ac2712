package io.nodedb.mem.jmx;

import io.nodedb.mem.mapped.MappingSnapshot;
import java.util.function.LongSupplier;

/** The mapped windows' bean. */
final class MappedBean implements MappedMemoryMXBean {
  private final Readings<MappingSnapshot> windows;
  private final LongSupplier resident;

  MappedBean(Readings<MappingSnapshot> windows, LongSupplier resident) {
    this.windows = windows;
    this.resident = resident;
  }

  @Override
  public long getBudget() {
    return windows.all().budget();
  }

  @Override
  public long getMapped() {
    return windows.all().total().bytes();
  }

  @Override
  public double getUtilizationPercent() {
    return windows.all().utilizationPercent();
  }

  @Override
  public long getResident() {
    return resident.getAsLong();
  }

  @Override
  public long getWindows() {
    return windows.all().total().windows();
  }

  @Override
  public long getLivePins() {
    return windows.all().total().livePins();
  }

  @Override
  public long getPinCount() {
    return windows.all().total().pins();
  }

  @Override
  public long getMapCount() {
    return windows.all().total().maps();
  }

  @Override
  public long getEvictionCount() {
    return windows.all().total().evictions();
  }

  @Override
  public long getEvictedBytes() {
    return windows.all().total().evictedBytes();
  }

  @Override
  public long getRefusalCount() {
    return windows.all().refusals();
  }

  @Override
  public long getOpenFiles() {
    return windows.all().openFiles();
  }

  @Override
  public long getLocked() {
    return windows.all().lockedBytes();
  }
}
