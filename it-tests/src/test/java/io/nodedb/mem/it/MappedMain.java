package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.MapMode;
import io.nodedb.mem.Mappings;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.Pin;
import io.nodedb.mem.Reservation;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Maps files and keeps an overflow region through the public API; says what it saw. */
final class MappedMain {
  private static final long MIB = 1 << 20;
  private static final int WINDOWS = 12;

  private final MemoryGovernor governor = MemoryGovernor.get();
  private final Path file = Path.of("mapped.bin");

  private MappedMain() {}

  public static void main(String[] arguments) throws Exception {
    MappedMain main = new MappedMain();
    if (!main.governor.active()) {
      main.withoutAgent();
      return;
    }
    main.map();
    main.keep();
    main.meetTheLimit();
    main.awaitColdWindowsReleased();
    main.readBean();
  }

  private static void say(String key, Object value) {
    System.out.println(key + "=" + value);
  }

  private void withoutAgent() {
    try {
      governor.mappings();
    } catch (UnsupportedOperationException e) {
      say("mappings", e.getMessage());
    }
    try {
      governor.openOverflow("vector", "region");
    } catch (UnsupportedOperationException e) {
      say("overflow", e.getMessage());
    }
    say("options", governor.overflowOptions());
  }

  private long charged(String engine) {
    EngineSnapshot now = governor.snapshot(engine);
    return now.used() >= now.mapped() ? now.mapped() : -1;
  }

  /** Writes and reads more than the budget holds. */
  private void map() {
    Mappings mappings = governor.mappings();
    say("budget", mappings.budget());
    long highest = 0;
    boolean charged = true;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < WINDOWS; i++) {
        MapMode mode = round == 0 ? MapMode.READ_WRITE : MapMode.READ_ONLY;
        try (Pin pin = mappings.pin(file, i * 4 * MIB, 4 * MIB, mode, "vector", "f")) {
          if (round == 0) {
            pin.segment().set(ValueLayout.JAVA_LONG, 8, i);
          } else if (pin.segment().get(ValueLayout.JAVA_LONG, 8) != i) {
            throw new AssertionError("window " + i + " holds something else");
          }
          highest = Math.max(highest, mappings.mappedBytes());
          charged &= charged("vector") == mappings.mappedBytes();
        }
      }
    }
    say("highest", highest);
    say("charged", charged);
    say("evictions", mappings.statistics("vector", "f").evictions());
  }

  /** A region under its configured name: written, checkpointed, read by a reader, closed. */
  private void keep() {
    try (OverflowRegion region = governor.openOverflow("timeseries", "region")) {
      long slot = region.write(new byte[(int) (3 * MIB)], "timeseries");
      region.forceCheckpoint();
      long later = region.write(new byte[100], "timeseries");
      say("written", charged("timeseries"));
      region.read(later).close();
      say("writerCharged", charged("timeseries") > 0);
      say("regionBytes", region.statistics().fileBytes());
      say("regionMax", region.statistics().maxBytes());
      try (OverflowRegion reader = governor.openOverflowReadOnly("query", "region")) {
        try (OverflowView view = reader.read(slot)) {
          say("read", view.segment().byteSize());
          say("readerCharged", charged("query") > 0);
        }
        try {
          reader.read(later);
        } catch (OverflowException e) {
          say("uncommitted", "unknown");
        }
        try {
          reader.write(new byte[1], "timeseries");
        } catch (OverflowException e) {
          say("refused", e.getMessage());
        }
      }
    }
    say("afterClose", charged("timeseries") + charged("query"));
    try {
      governor.openOverflow("timeseries", "../elsewhere");
    } catch (OverflowException e) {
      say("badName", e.getMessage());
    }
  }

  /** An engine of 6 MiB: unpinned windows give way to its reservations, pinned ones do not. */
  private void meetTheLimit() {
    Mappings mappings = governor.mappings();
    mappings.pin(file, 0, 4 * MIB, MapMode.READ_ONLY, "wal", "f").close();
    mappings.release(file);
    mappings.pin(file, 0, 4 * MIB, MapMode.READ_ONLY, "wal", "f").close();
    long before = charged("wal");
    try (Reservation r = governor.reserve("wal", 5 * MIB)) {
      say("gaveWay", before + " " + charged("wal") + " " + r.bytes());
      mappings.release(file);
      mappings.pin(file, 0, 8, MapMode.READ_ONLY, "wal", "f").close();
      say("piece", charged("wal"));
      try {
        mappings.pin(file, 0, 3 * MIB, MapMode.READ_ONLY, "wal", "f").close();
      } catch (BudgetExceededException e) {
        say("denied", e.engine() + " " + e.bound());
      }
    }
  }

  /** The agent's own tick does it; nothing here asks for it. */
  private void awaitColdWindowsReleased() {
    governor.mappings().pin(file, 0, 8, MapMode.READ_ONLY, "wal", "f").close();
    while (governor.mappings().mappedBytes() > 0) {
      Thread.onSpinWait();
    }
    say("cold", charged("vector") + charged("wal"));
  }

  private void readBean() throws Exception {
    ObjectName bean = new ObjectName("io.nodedb.mem:type=MappedMemory");
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    while (!server.isRegistered(bean)) {
      Thread.onSpinWait();
    }
    say("beanBudget", server.getAttribute(bean, "Budget"));
    say("beanEvictions", server.getAttribute(bean, "EvictionCount"));
  }
}
