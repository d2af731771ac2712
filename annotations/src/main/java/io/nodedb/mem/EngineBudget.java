package io.nodedb.mem;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Opens a scope of an engine for the dynamic extent of a call: what is allocated below it on this
 * thread, in callees, in the JDK and in third-party code, belongs to the engine. The innermost scope
 * wins.
 *
 * <p>On a type it stands for every method and constructor declared in that type, lambda bodies
 * included; an annotation on the member wins over one on the type. It is not inherited by subtypes
 * or overriding methods. A constructor's scope opens when its {@code super(...)} or {@code this(...)}
 * call has returned, because the class file format has no way to guard that call.
 *
 * <p>An engine that the agent's configuration does not know is refused when the class is transformed:
 * the class stays as it is and the agent reports it once, with the names it knows.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME) // HotSpot forgets others: an attached agent would miss them.
@Target({ElementType.METHOD, ElementType.CONSTRUCTOR, ElementType.TYPE})
public @interface EngineBudget {
  /**
   * The engine's name, see {@link Engines}.
   *
   * @return the name
   */
  String value();

  /**
   * What a breach in this scope does.
   *
   * @return the mode; {@link BreachMode#INHERIT} by default
   */
  BreachMode mode() default BreachMode.INHERIT;

  /**
   * A budget of its own for one outermost call of this scope, such as {@code "256MiB"}, within the
   * engine's. It bounds what the call's thread allocates and still holds.
   *
   * @return a size, or the empty string for none
   */
  String perCall() default "";

  /**
   * Whether the thread allocates native memory from the engine's own arena for the extent of the
   * call. With jemalloc preloaded that includes what JNI libraries allocate. Without jemalloc it does
   * nothing. Switching costs about a microsecond a call.
   *
   * @return whether to pin; false by default
   */
  boolean pinArena() default false;
}
