/**
 * What instrumented code calls. These classes are defined in the boot loader, so that they are
 * visible from every class; they depend on {@code java.base} alone and throw nothing but a budget
 * denial. Until the runtime installs itself, and without it, every hook does nothing.
 */
package io.nodedb.mem.hook;
