package io.nodedb.mem.jmx;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a management console shows beside a bean's name, an attribute (on its getter), an operation or
 * a parameter; for a parameter also its name.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER})
@interface Described {
  /** The description. */
  String value();

  /** A parameter's name, which class files do not keep. */
  String name() default "";
}
