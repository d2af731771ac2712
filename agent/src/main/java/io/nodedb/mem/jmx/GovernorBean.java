package io.nodedb.mem.jmx;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.MemoryBudgetException;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.WorkloadHint;
import io.nodedb.mem.resident.Resident;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** The process's bean. */
final class GovernorBean implements MemoryGovernorMXBean {
  private final Governor governor;
  private final Readings<GovernorSnapshot> readings;
  private final LongFunction<Resident> residents;
  private final Supplier<String> accounting;

  GovernorBean(
      Governor governor,
      Readings<GovernorSnapshot> readings,
      LongFunction<Resident> residents,
      Supplier<String> accounting) {
    this.governor = governor;
    this.readings = readings;
    this.residents = residents;
    this.accounting = accounting;
  }

  @Override
  public long getCeiling() {
    return governor.ceiling();
  }

  @Override
  public long getHeapCeiling() {
    return governor.heapCeiling();
  }

  @Override
  public long getUsed() {
    return readings.all().used();
  }

  @Override
  public long getPeak() {
    return readings.all().peak();
  }

  @Override
  public long getRss() {
    return resident().rss();
  }

  @Override
  public long getUnattributed() {
    return resident().unattributed();
  }

  @Override
  public long getJvm() {
    return resident().jvm();
  }

  @Override
  public long getGroupHeld() {
    return resident().groupHeld();
  }

  @Override
  public long getGroupLimit() {
    return resident().groupLimit();
  }

  @Override
  public String getPressure() {
    return readings.all().pressure().name();
  }

  @Override
  public long getRejectionCount() {
    return readings.all().engines().stream().mapToLong(EngineSnapshot::rejections).sum();
  }

  @Override
  public long getOverReleaseCount() {
    return readings.all().engines().stream().mapToLong(EngineSnapshot::overReleases).sum();
  }

  @Override
  public long getRebalanceCount() {
    return governor.rebalancer().count();
  }

  @Override
  public String getWorkloadHint() {
    return governor.rebalancer().hint().word();
  }

  @Override
  public void setWorkloadHint(String hint) {
    governor.rebalancer().hint(WorkloadHint.of(hint));
  }

  @Override
  public int rebalance() {
    return governor.rebalancer().round().size();
  }

  @Override
  public String getHeapAccounting() {
    return accounting.get();
  }

  @Override
  public void setEngineLimit(String engine, long bytes) {
    try {
      governor.setLimit(engine, bytes);
    } catch (MemoryBudgetException e) {
      // A client has JDK classes only; the cause would not reach it.
      throw new IllegalArgumentException(e.getMessage());
    }
  }

  private Resident resident() {
    return residents.apply(readings.all().used());
  }
}
