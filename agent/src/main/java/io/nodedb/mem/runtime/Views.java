package io.nodedb.mem.runtime;

import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.events.FlightRecorderView;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import io.nodedb.mem.resident.ResidentProbe;

/** What shows budgets to the outside, made and closed in order. */
final class Views implements AutoCloseable {
  private final Governor governor;
  private final FlightRecorderView recordings;

  /**
   * Makes the views; they show nothing yet.
   *
   * @param governor the budgets
   */
  Views(Governor governor) {
    this.governor = governor;
    this.recordings = new FlightRecorderView(governor);
  }

  /** Who hears of assisted collections. */
  AssistListener assists() {
    return recordings;
  }

  /** Shows. */
  void start(HeapAccounting heap) {
    ResidentProbe probe = new ResidentProbe();
    recordings.start(() -> snapshot(heap), probe::read, heap::sampleListener);
  }

  private GovernorSnapshot snapshot(HeapAccounting heap) {
    heap.refresh();
    return governor.snapshot();
  }

  @Override
  public void close() {
    recordings.close();
  }
}
