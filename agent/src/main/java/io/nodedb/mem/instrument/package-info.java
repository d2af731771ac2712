/**
 * Rewrites classes as they are loaded: scopes, allocation gates and polls, all as calls of {@link
 * io.nodedb.mem.hook.Hooks}. Knows the hooks and ASM, nothing of budgets.
 *
 * <p>{@link io.nodedb.mem.instrument.ScopeTransformer} decides whether a class is touched at all and
 * catches every failure; {@code ClassRewriter} walks a class; {@code MethodRewriter} decides what one
 * method gets; {@code AllocationGates}, {@code Polls} and {@code ScopeAdvice} each write one kind of
 * code.
 */
package io.nodedb.mem.instrument;
