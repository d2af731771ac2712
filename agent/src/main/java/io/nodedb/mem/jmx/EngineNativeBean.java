package io.nodedb.mem.jmx;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.NativeSnapshot.EngineFigures;
import java.util.List;

/** One engine's native memory as a bean. */
final class EngineNativeBean extends ArenaFiguresBean implements EngineNativeMXBean {
  private final String engine;
  private final Readings<NativeSnapshot> readings;
  private final EngineFigures none;

  EngineNativeBean(String engine, Readings<NativeSnapshot> readings) {
    this.engine = engine;
    this.readings = readings;
    this.none = new EngineFigures(engine, 0, 0, List.of(), ArenaFigures.NONE);
  }

  @Override
  ArenaFigures figures() {
    return now().figures();
  }

  @Override
  public long getCharged() {
    return now().charged();
  }

  @Override
  public long getExternal() {
    return now().external();
  }

  @Override
  public int[] getArenas() {
    return now().arenas().stream().mapToInt(Integer::intValue).toArray();
  }

  private EngineFigures now() {
    return readings.all().of(engine).orElse(none);
  }
}
