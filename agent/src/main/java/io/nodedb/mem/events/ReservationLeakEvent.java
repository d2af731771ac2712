package io.nodedb.mem.events;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name(MemoryEvent.PREFIX + "ReservationLeak")
@Label("Reservation Leak")
@Description("Reservations became unreachable without being closed; their bytes were released")
final class ReservationLeakEvent extends MemoryEvent {
  @Label("Engine")
  String engine;

  @Label("Bytes")
  @DataAmount
  long bytes;

  @Label("Made At")
  @Description("Where the reservation, or the first of a batch of small ones, was made")
  String madeAt;
}
