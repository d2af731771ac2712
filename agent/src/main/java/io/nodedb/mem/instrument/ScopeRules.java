package io.nodedb.mem.instrument;

/** The configured rules, as the transformer asks them. Thread-safe. */
public interface ScopeRules {
  /** No rules: annotations only. */
  ScopeRules NONE =
      new ScopeRules() {
        @Override
        public boolean matchesClass(String dottedName) {
          return false;
        }

        @Override
        public ScopeSpec scope(String dottedName, String method) {
          return null;
        }
      };

  /**
   * Whether some rule is about a class: its allocations are gated.
   *
   * @param dottedName its binary name with dots between packages
   * @return whether one matches
   */
  boolean matchesClass(String dottedName);

  /**
   * The scope that the rules open in a method.
   *
   * @param dottedName its class; rules that do not match it have no say
   * @param method its name, {@code <init>} for a constructor
   * @return the scope, or null for none
   */
  ScopeSpec scope(String dottedName, String method);
}
