package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;

/** Turns a scope as asked for into numbers. */
final class ScopeResolver {
  private final SiteRegistry sites;

  ScopeResolver(SiteRegistry sites) {
    this.sites = sites;
  }

  /**
   * Resolves a scope.
   *
   * @param spec what was asked for
   * @param where the annotated element or rule, for the message
   * @return its numbers
   * @throws Unscopable if there is no such engine
   */
  ResolvedScope resolve(ScopeSpec spec, String where) {
    int engine = sites.engine(spec.engine());
    if (engine < 0) {
      throw new Unscopable(
          where
              + " names the unknown engine \""
              + spec.engine()
              + "\" (known: "
              + String.join(", ", sites.knownEngines())
              + "); add engines."
              + spec.engine()
              + " to the configuration or correct the name");
    }
    if (spec.mode() == BreachMode.INHERIT && spec.perCall() == 0) {
      return new ResolvedScope(false, engine, spec.pin());
    }
    int site = sites.site(engine, spec.mode(), spec.perCall());
    return new ResolvedScope(true, site, spec.pin());
  }
}
