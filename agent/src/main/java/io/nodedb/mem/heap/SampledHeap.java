package io.nodedb.mem.heap;

/**
 * What the sampler knows of one engine.
 *
 * @param live estimated bytes of the engine's objects that are not collected yet
 * @param allocated estimated bytes ever allocated
 * @param samples samples taken
 * @param dropped samples not taken because too many are tracked already; their bytes are in neither
 *     sum
 */
public record SampledHeap(long live, long allocated, long samples, long dropped) {}
