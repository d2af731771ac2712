package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.config.Rule;
import java.util.List;

/** The rules of the configuration. The first that matches and names an engine counts. */
public final class ConfiguredRules implements ScopeRules {
  private final List<Rule> rules;

  /**
   * Rules as configured.
   *
   * @param rules checked already: no two name different engines for one method
   */
  public ConfiguredRules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  @Override
  public boolean matchesClass(String dottedName) {
    for (var rule : rules) {
      if (rule.matchesClass(dottedName)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public ScopeSpec scope(String dottedName, String method) {
    for (var rule : rules) {
      if (rule.engine().isPresent()
          && rule.matchesClass(dottedName)
          && rule.matchesMethod(method)) {
        return new ScopeSpec(
            rule.engine().get(),
            rule.mode().orElse(BreachMode.INHERIT),
            rule.perCall().orElse(0),
            rule.pinArena());
      }
    }
    return null;
  }
}
