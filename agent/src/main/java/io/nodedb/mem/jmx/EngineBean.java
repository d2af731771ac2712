package io.nodedb.mem.jmx;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import java.util.Locale;

/** One engine's bean. */
final class EngineBean implements EngineBudgetMXBean {
  private final Governor governor;
  private final Engine engine;
  private final Readings<GovernorSnapshot> readings;

  EngineBean(Governor governor, Engine engine, Readings<GovernorSnapshot> readings) {
    this.governor = governor;
    this.engine = engine;
    this.readings = readings;
  }

  @Override
  public long getLimit() {
    return now().limit();
  }

  @Override
  public void setLimit(long bytes) {
    governor.setLimit(engine.engine(), bytes);
  }

  @Override
  public long getBaseLimit() {
    return engine.base();
  }

  @Override
  public long getMin() {
    return now().min();
  }

  @Override
  public long getUsed() {
    return now().used();
  }

  @Override
  public long getHeap() {
    return now().heap();
  }

  @Override
  public long getNative() {
    return now().nativeBytes();
  }

  @Override
  public long getMapped() {
    return now().mapped();
  }

  @Override
  public long getReserved() {
    return now().reserved();
  }

  @Override
  public long getPeak() {
    return now().peak();
  }

  @Override
  public long getOverrun() {
    return now().overrun();
  }

  @Override
  public long getAllocated() {
    return now().allocated();
  }

  @Override
  public double getUtilizationPercent() {
    return now().utilizationPercent();
  }

  @Override
  public String getPressure() {
    return now().pressure().name();
  }

  @Override
  public long getRejectionCount() {
    return now().rejections();
  }

  @Override
  public long getOverReleaseCount() {
    return now().overReleases();
  }

  @Override
  public long getSpillCount() {
    return now().spills();
  }

  @Override
  public long getSpilledBytes() {
    return now().spilledBytes();
  }

  @Override
  public String getMode() {
    return now().mode().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void setMode(String mode) {
    for (BreachMode known : BreachMode.values()) {
      if (known != BreachMode.INHERIT && known.name().equalsIgnoreCase(mode)) {
        engine.mode(known);
        return;
      }
    }
    throw new IllegalArgumentException(
        "engines." + engine.engine() + ".mode: " + mode
            + " (expected: reject, wait or observe)");
  }

  private EngineSnapshot now() {
    return readings.all().engines().get(engine.id());
  }
}
