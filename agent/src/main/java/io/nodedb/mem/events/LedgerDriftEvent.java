package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "LedgerDrift")
@Label("Ledger Drift")
@Description("A ledger did not agree with what it stands for at two audits in a row")
final class LedgerDriftEvent extends MemoryEvent {
  @Label("Engine")
  @Description("The engine; 'global' for all together")
  String engine;

  @Label("Ledger")
  String ledger;

  @Label("Measure")
  @Description("What the ledger was compared with")
  String measure;

  @Label("Charged")
  @Description("What the ledger said")
  @DataAmount
  long charged;

  @Label("Measured")
  @Description("What was found instead")
  @DataAmount
  long measured;

  @Label("Healed")
  @Description("Bytes added to the ledger; negative for bytes taken from it, 0 if left as it is")
  @DataAmount
  long healed;
}
