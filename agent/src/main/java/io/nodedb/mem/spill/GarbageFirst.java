package io.nodedb.mem.spill;

import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;

/**
 * Whether garbage has to be ruled out before an engine spills: between collections it counts as used,
 * and nothing is spilled for it. Guarded by the {@link EngineSpill} it belongs to.
 */
final class GarbageFirst {
  private final Engine engine;

  /** Whether it was ruled out since use was last below the start; or is being. */
  private boolean verified;

  private boolean underWay;

  GarbageFirst(Engine engine) {
    this.engine = engine;
  }

  /** Whether the caller has to rule it out now, and say when it has {@link #ended}. */
  boolean begin(Moment at, List<SpillController> controllers) {
    if (at.used() < at.start() || at.awaited()) {
      verified &= at.used() >= at.start();
      return false;
    }
    boolean due =
        !verified
            && !underWay
            && controllers.stream().noneMatch(c -> c.state().spilling())
            && controllers.stream().anyMatch(c -> c.canSpill(at))
            && engine.used(LedgerKind.HEAP) > at.used() - at.start();
    verified |= due;
    underWay |= due;
    return due;
  }

  /** Whether it is being ruled out: nothing is spilled until that has ended. */
  boolean underWay() {
    return underWay;
  }

  void ended() {
    underWay = false;
  }
}
