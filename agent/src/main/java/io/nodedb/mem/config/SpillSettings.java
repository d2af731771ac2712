package io.nodedb.mem.config;

/**
 * When engines are asked to spill, as fractions of a limit: {@code 0 < restore < start <= 1}.
 *
 * @param start use at which spilling begins
 * @param restore use that spilling aims at, and below which restoration is offered
 */
public record SpillSettings(double start, double restore) {}
