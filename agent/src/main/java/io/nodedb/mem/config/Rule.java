package io.nodedb.mem.config;

import io.nodedb.mem.BreachMode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to do with code that carries no annotation. Where several rules match one method, those that
 * name an engine name the same one, and the first of them counts.
 *
 * @param classes which classes, by dotted binary name ({@code java.util.Map$Entry})
 * @param methods which methods of these by name, constructors as {@code <init>}; empty for all
 * @param engine whose scope to open; empty for none: allocations in the class are gated and polled
 *     on behalf of whoever calls
 * @param mode what a breach in the scope does; empty as the engine's
 * @param perCall bytes for one outermost call of the scope; empty for no bound of its own
 * @param pinArena whether native memory of the calls comes from the engine's arena
 * @param place where the rule is written, such as {@code nodedb-mem.conf:12}
 */
public record Rule(
    Glob classes,
    Optional<Glob> methods,
    Optional<String> engine,
    Optional<BreachMode> mode,
    OptionalLong perCall,
    boolean pinArena,
    String place) {

  /**
   * Whether a class is meant.
   *
   * @param dottedName its binary name with dots between packages
   * @return whether the rule is about it
   */
  public boolean matchesClass(String dottedName) {
    return classes.matches(dottedName);
  }

  /**
   * Whether a method is meant, in a class that is.
   *
   * @param name its name, {@code <init>} for a constructor
   * @return whether the rule is about it
   */
  public boolean matchesMethod(String name) {
    return methods.isEmpty() || methods.get().matches(name);
  }

  /**
   * Whether both rules match some method.
   *
   * @param other another rule
   * @return whether there can be one
   */
  public boolean overlaps(Rule other) {
    return classes.intersects(other.classes)
        && (methods.isEmpty()
            || other.methods.isEmpty()
            || methods.get().intersects(other.methods.get()));
  }
}
