package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;
import java.util.Collection;

/** Turns names into the numbers that instrumented code carries. Thread-safe. */
public interface SiteRegistry {
  /**
   * The number for {@link io.nodedb.mem.hook.Hooks#enter}.
   *
   * @param name an engine's name
   * @return its id, -1 if there is no such engine
   */
  int engine(String name);

  /**
   * The number for {@link io.nodedb.mem.hook.Hooks#enterSite}. Equal arguments may share one, so
   * that a class loaded by many loaders does not grow the registry.
   *
   * @param engine an engine's id
   * @param mode what a breach does
   * @param perCallBytes bytes for one outermost call, 0 for no bound of its own
   * @return the site's id
   */
  int site(int engine, BreachMode mode, long perCallBytes);

  /**
   * What a message about an unknown engine lists.
   *
   * @return the engines' names
   */
  Collection<String> knownEngines();
}
