package io.nodedb.mem.mapped;

import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.mapped.MappingListener.Cause;
import io.nodedb.mem.mapped.MappingListener.Eviction;
import java.util.ArrayList;
import java.util.List;

/**
 * Windows that were unmapped under a lock and are still to be released to their accounts and told
 * of, which happens when no lock is held. Belongs to one thread.
 */
final class Evicted {
  private final List<Window> windows = new ArrayList<>();
  private final List<Cause> causes = new ArrayList<>();
  private long bytes;

  /** Bytes unmapped, those settled included. */
  long bytes() {
    return bytes;
  }

  void add(Window window, Cause cause) {
    windows.add(window);
    causes.add(cause);
    bytes += window.bytes;
  }

  /** Releases and tells; accounts first, since others may be waiting for that room. */
  void settle(List<MappingListener> listeners) {
    for (Window window : windows) {
      if (window.owner.account != null) {
        window.owner.account.release(LedgerKind.MAPPED, window.bytes);
      }
    }
    for (int i = 0; i < windows.size() && !listeners.isEmpty(); i++) {
      Eviction eviction = eviction(windows.get(i), causes.get(i));
      listeners.forEach(listener -> tell(listener, eviction));
    }
    windows.clear();
    causes.clear();
  }

  private static Eviction eviction(Window window, Cause cause) {
    return new Eviction(
        window.owner.engine,
        window.owner.field,
        window.file.path(),
        window.start,
        window.bytes,
        cause);
  }

  private static void tell(MappingListener listener, Eviction eviction) {
    try {
      listener.evicted(eviction);
    } catch (RuntimeException e) {
      // A view that fails must not fail the pin that happened to need room.
    }
  }
}
