package io.nodedb.mem.jmx;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.NativeSnapshot;
import java.util.function.BooleanSupplier;

/** The native allocator's bean. */
final class NativeBean extends ArenaFiguresBean implements NativeMemoryMXBean {
  private final Readings<NativeSnapshot> readings;
  private final BooleanSupplier purge;

  NativeBean(Readings<NativeSnapshot> readings, BooleanSupplier purge) {
    this.readings = readings;
    this.purge = purge;
  }

  @Override
  ArenaFigures figures() {
    return readings.all().global();
  }

  @Override
  public String getAllocator() {
    return readings.all().allocator();
  }

  @Override
  public boolean getStatistics() {
    return readings.all().statistics();
  }

  @Override
  public boolean getAttribution() {
    return readings.all().attribution();
  }

  @Override
  public boolean purge() {
    return purge.getAsBoolean();
  }
}
