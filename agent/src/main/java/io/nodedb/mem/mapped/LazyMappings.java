package io.nodedb.mem.mapped;

import io.nodedb.mem.governor.ReliefStep;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A manager that is made when it is first asked for: binding the system's calls takes time that an
 * application without mapped memory need not pay. Thread-safe.
 */
public final class LazyMappings implements Supplier<MappingManager> {
  private final long budget;
  private final Supplier<MappingManager> make;
  private volatile MappingManager manager;

  /**
   * Makes one that has not started.
   *
   * @param budget the budget it will have, in bytes; 0 = unlimited
   * @param make makes the manager; called once, or again if it threw
   */
  public LazyMappings(long budget, Supplier<MappingManager> make) {
    this.budget = budget;
    this.make = make;
  }

  /** The manager; makes it. */
  @Override
  public MappingManager get() {
    MappingManager made = manager;
    return made != null ? made : makeOnce();
  }

  private synchronized MappingManager makeOnce() {
    if (manager == null) {
      manager = make.get();
    }
    return manager;
  }

  /**
   * The manager, if it was ever asked for.
   *
   * @return the manager, or empty
   */
  public Optional<MappingManager> ifStarted() {
    return Optional.ofNullable(manager);
  }

  /**
   * The manager's figures.
   *
   * @return the figures now; nothing but the budget before the start
   */
  public MappingSnapshot snapshot() {
    MappingManager made = manager;
    return made != null ? made.snapshot() : MappingSnapshot.none(budget);
  }

  /**
   * Bytes of all windows whose pages are in memory now.
   *
   * @return bytes
   */
  public long residentBytes() {
    MappingManager made = manager;
    return made != null ? made.residentBytes(null) : 0;
  }

  /**
   * The step of the breach order that unmaps windows nobody pins: the engine's own where its limit
   * is the bound, anybody's where it is the ceiling. They are read again when touched.
   *
   * @return the step; does nothing before the start
   */
  public ReliefStep relief() {
    return (engine, missing, bound) -> {
      MappingManager made = manager;
      if (made != null) {
        switch (bound) {
          case ENGINE -> made.release(engine.engine(), missing);
          case CEILING -> made.release(null, missing);
          case HEAP_CEILING, PER_CALL, MAPPING -> {}
        }
      }
      return false;
    };
  }
}
