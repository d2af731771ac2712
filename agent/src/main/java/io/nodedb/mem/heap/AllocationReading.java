package io.nodedb.mem.heap;

/**
 * What one engine has allocated since the start, known in two ways.
 *
 * @param sampled bytes that its samples stood for
 * @param counted bytes by the JVM's counters of each thread; for virtual threads, which have none, by
 *     samples
 * @param interval bytes between samples on average
 */
public record AllocationReading(long sampled, long counted, int interval) {}
