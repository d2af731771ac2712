package io.nodedb.mem.guard;

import io.nodedb.mem.governor.Failsafe;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.resident.ControlGroup;
import io.nodedb.mem.resident.Resident;
import io.nodedb.mem.resident.ResidentProbe;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The guard on a thread of its own: looks ten times as often when the process nears its bound. The
 * first look is half a second after the start, which has better use for the processors.
 */
public final class MemoryGuard implements AutoCloseable {
  private static final long SETTLE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long FAR = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long NEAR = TimeUnit.MILLISECONDS.toNanos(25);
  private static final double NEARING = 0.7;
  private static final long GROUP_EVERY = TimeUnit.SECONDS.toNanos(1);
  private static final long REST = TimeUnit.SECONDS.toNanos(1);
  private static final long COLLECTION_REST = TimeUnit.SECONDS.toNanos(2);

  private final Governor governor;
  private final BooleanSupplier purge;
  private final BooleanSupplier pageOut;
  private final Consumer<String> notices;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile Guard guard;

  /** The limit of the control group; read anew now and then. Used by the thread alone, as the next. */
  private OptionalLong limit = OptionalLong.empty();

  private long limitRead;
  private boolean toldLower;

  /** Until the next look. */
  private long park;

  /**
   * Makes one; {@link #start} has to follow.
   *
   * @param governor whose ceiling is guarded
   * @param purge gives back what allocators keep; whether there was one
   * @param pageOut has mapped windows paged out that nobody has used for a while; whether there are any
   * @param notices told, in a line each, of what the operator should know
   */
  public MemoryGuard(
      Governor governor,
      BooleanSupplier purge,
      BooleanSupplier pageOut,
      Consumer<String> notices) {
    this.governor = governor;
    this.purge = purge;
    this.pageOut = pageOut;
    this.notices = notices;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("nodedb-mem-guard")
            .unstarted(this::run);
  }

  /** Begins to look. */
  public void start() {
    thread.start();
  }

  /**
   * How often something was given back.
   *
   * @return steps so far
   */
  public long count() {
    Guard g = guard;
    return g == null ? 0 : g.count();
  }

  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    LockSupport.parkNanos(this, SETTLE);
    ResidentProbe resident = new ResidentProbe();
    if (resident.rss() == Resident.UNKNOWN) {
      notices.accept("the resident set is not known here: only the ledgers guard the ceiling");
      return;
    }
    ControlGroup group = new ControlGroup();
    LibcTrim trim = new LibcTrim();
    HeapReturn heap = new HeapReturn(System::gc);
    guard =
        new Guard(
            () -> occupancy(resident, group),
            List.of(
                new GuardStep("purge", REST, purge::getAsBoolean),
                new GuardStep("trim", REST, trim::run),
                new GuardStep("page-out", REST, pageOut::getAsBoolean),
                new GuardStep("collect", COLLECTION_REST, heap::run)),
            pressure -> governor.occupied(pressure.map(Occupancy::share)),
            System::nanoTime);
    Failsafe failsafe = new Failsafe(notices);
    Runnable look =
        () -> {
          park = FAR;
          Occupancy now = guard.look();
          park = now.share() < NEARING ? FAR : NEAR;
          if (now.share() < Guard.CALM) {
            heap.relax();
          }
        };
    while (!stopped) {
      failsafe.run("a look at the process's memory", look);
      LockSupport.parkNanos(this, park);
    }
  }

  private Occupancy occupancy(ResidentProbe resident, ControlGroup group) {
    long now = System.nanoTime();
    if (limitRead == 0 || now - limitRead >= GROUP_EVERY) {
      limitRead = now;
      limit = group.limit();
    }
    long rss = resident.rss();
    long ceiling = governor.ceiling();
    if (limit.isEmpty()) {
      return new Occupancy(rss, ceiling);
    }
    if (limit.getAsLong() < ceiling && !toldLower) {
      toldLower = true;
      notices.accept(
          "the control group's limit is " + limit.getAsLong() + " bytes now, below the ceiling of "
              + ceiling + ": the guard keeps the process within that");
    }
    return new Occupancy(
        Math.max(rss, group.held().orElse(0)), Math.min(ceiling, limit.getAsLong()));
  }
}
