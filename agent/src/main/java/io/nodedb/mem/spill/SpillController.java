package io.nodedb.mem.spill;

import io.nodedb.mem.spill.SpillCall.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Decides which handler is called next: one controller for the handlers of each core of a
 * thread-per-core engine, one for all others of an engine. Guarded by its engine's monitor; calls
 * nobody.
 *
 * <p>A shortage begins when use is at {@code start} or a request waits, and ends when use is at {@code
 * restore} and none waits, when a handler freed all that was wanted, or when nobody is left to ask.
 * Within it handlers are asked in order, each as long as it frees something worth a call.
 */
final class SpillController {
  final EngineSpill owner;

  /** The thread that owns the data; null for any of the agent's. */
  final Executor core;

  /** The thread that {@link #core} stands for, as soon as it is known. */
  volatile Thread coreThread;

  private final List<Handler> handlers = new ArrayList<>();
  private SpillState state = SpillState.NONE;
  private SpillCall current;
  private boolean ranked;

  SpillController(EngineSpill owner, Executor core) {
    this.owner = owner;
    this.core = core;
  }

  SpillState state() {
    return state;
  }

  SpillCall current() {
    return current;
  }

  boolean isEmpty() {
    return handlers.isEmpty() && current == null;
  }

  void add(Handler handler) {
    handlers.add(handler);
    ranked = false;
  }

  void remove(Handler handler) {
    handlers.remove(handler);
    if (current != null && current.kind != Kind.RANK && current.at() == handler) {
      current.abandon();
    }
  }

  /** Whether some handler may be asked for memory. */
  boolean canSpill(Moment at) {
    return handlers.stream().anyMatch(h -> h.mayBeAsked(at.now(), at.used()));
  }

  /** Whether a call is under way that frees, or leads to one that does. */
  boolean isSpilling() {
    return current != null && current.kind != Kind.RESTORE;
  }

  /** Whether some handler is left alone until the shortage ends. */
  boolean sulks() {
    return handlers.stream().anyMatch(Handler::isLeftAlone);
  }

  /** Whether some handler has spilled what it may take back. */
  boolean owes() {
    return handlers.stream().anyMatch(h -> h.owes && h.hung == null);
  }

  /**
   * The next call to be made; null for none now.
   *
   * @param share into how many parts what is wanted is divided
   */
  SpillCall next(Moment at, int share) {
    boolean pressed = at.awaited() || at.used() >= at.start();
    if (current != null) {
      if (pressed && current.kind == Kind.RESTORE) {
        current.abandon();
      }
      return null;
    }
    if (pressed || (state.spilling() && at.used() > at.restore())) {
      return spill(at, share);
    }
    if (state.spilling()) {
      over();
    } else if (at.used() < at.restore()) {
      handlers.forEach(Handler::forgive);
    }
    return restore(at, share);
  }

  private SpillCall spill(Moment at, int share) {
    if (!state.spilling() && state != SpillState.NONE) {
      state = SpillState.NONE;
      ranked = false;
    }
    List<Handler> able =
        handlers.stream().filter(h -> h.mayBeAsked(at.now(), at.used())).toList();
    if (able.isEmpty()) {
      state = SpillState.NONE;
      ranked = false;
      return null;
    }
    SpillCall rank = rankFirst(able, at);
    if (rank != null) {
      return rank;
    }
    if (at.wanted() <= 0 && at.freeing() > 0) {
      return null;
    }
    state = state.spilling() ? SpillState.CONTINUE : SpillState.BEGIN;
    Handler first = able.stream().min(Handler.FIRST_TO_SPILL).orElseThrow();
    return call(Kind.SPILL, List.of(first), Math.max(1, at.wanted() / share), at.awaited());
  }

  private SpillCall restore(Moment at, int share) {
    List<Handler> owing = handlers.stream().filter(h -> h.owes && h.hung == null).toList();
    if (owing.isEmpty() || at.available() < at.worthRestoring()) {
      state = SpillState.NONE;
      ranked = false;
      return null;
    }
    SpillCall rank = rankFirst(owing, at);
    if (rank != null) {
      return rank;
    }
    state = SpillState.RESTORE;
    Handler last = owing.stream().max(Handler.FIRST_TO_SPILL).orElseThrow();
    return call(Kind.RESTORE, List.of(last), Math.max(1, at.available() / share), false);
  }

  /** Handlers are asked how cold they are once a shortage, where that decides anything. */
  private SpillCall rankFirst(List<Handler> among, Moment at) {
    boolean decides = among.stream().mapToInt(h -> h.priority).distinct().count() < among.size();
    if (ranked || !decides) {
      return null;
    }
    List<Handler> byPriority =
        among.stream().sorted(Comparator.comparingInt((Handler h) -> h.priority)).toList();
    return call(Kind.RANK, byPriority, 0, at.awaited());
  }

  private SpillCall call(Kind kind, List<Handler> whom, long bytes, boolean awaited) {
    current = new SpillCall(this, kind, whom, bytes, awaited);
    return current;
  }

  /** A ranking has returned. */
  void ranked(SpillCall call, int[] coldness) {
    for (int i = 0; i < coldness.length; i++) {
      Handler handler = call.handlers.get(i);
      returned(call, handler);
      if (current == call) {
        handler.coldness = coldness[i];
      }
    }
    if (current == call) {
      current = null;
      ranked = true;
    }
  }

  /** A call has returned. */
  void ended(SpillCall call, long said, long moved, String failure, Moment at) {
    Handler handler = call.handlers.getFirst();
    returned(call, handler);
    if (call.kind == Kind.RESTORE) {
      handler.owes &= failure == null && said > 0 && moved > 0;
    } else {
      handler.owes |= moved > 0;
      if (failure != null) {
        handler.failed(at.now());
      } else if (!call.worth(moved)) {
        if (said > moved) {
          handler.failed(at.now());
        } else {
          // It had nothing at the use it was asked at, which may have fallen since.
          handler.empty(at.now(), at.grownFrom(Math.max(at.used(), call.usedBefore)));
        }
      } else if (moved >= call.bytes) {
        over();
      }
    }
    if (current == call) {
      current = null;
    }
  }

  /** The shortage is. What came meanwhile is another if it is enough for one: no chase after it. */
  private void over() {
    state = SpillState.NONE;
    ranked = false;
    handlers.forEach(Handler::forgive);
  }

  private static void returned(SpillCall call, Handler handler) {
    if (handler.hung == call) {
      handler.hung = null;
    }
  }

  /** A handler threw, but the call goes on. */
  void failed(Handler handler, Moment at) {
    handler.failed(at.now());
    handler.owes = false;
  }

  /** The call is not waited for any longer. */
  void giveUp(Moment at) {
    SpillCall call = current;
    Handler handler = call.at();
    call.abandon();
    current = null;
    handler.failed(at.now());
    handler.owes = false;
    // One that was never begun cannot be: whoever would begin it cannot claim it any more.
    handler.hung = call.claim() ? null : call;
  }
}
