package io.nodedb.mem.runtime;

import io.nodedb.mem.config.SpillSettings;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.spill.Spilling;

/** Connects spilling to budgets, hooks and the log. */
final class SpillWiring {
  private SpillWiring() {}

  static Spilling start(SpillSettings settings, Governor governor, Notices notices) {
    return Spilling.start(
        governor,
        settings.start(),
        settings.restore(),
        (engine, handler) -> {
          int token = Hooks.enter(engine.id());
          try {
            handler.run();
          } finally {
            Hooks.exit(token);
          }
        },
        notices::say);
  }
}
