package io.nodedb.mem.heap;

/**
 * What the sampler's native callback counted since the JVM started.
 *
 * @param calls samples handed to Java
 * @param failed those that ended with an exception (no stack or no heap left), which was cleared
 * @param lowStack those taken with so little stack left that they are charged by another thread
 */
public record SamplerCounters(long calls, long failed, long lowStack) {}
