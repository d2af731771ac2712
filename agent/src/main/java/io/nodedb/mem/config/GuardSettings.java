package io.nodedb.mem.config;

/**
 * The guard over what the process really occupies.
 *
 * @param enabled whether it acts
 * @param cancelWorst whether the worst call of an engine that stays in EMERGENCY is ended
 * @param cancelAfterNanos for how long it has to stay
 */
public record GuardSettings(boolean enabled, boolean cancelWorst, long cancelAfterNanos) {}
