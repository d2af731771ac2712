package io.nodedb.mem.config;

/**
 * The mapping manager.
 *
 * @param budget bytes that may be mapped at a time, at least one window; 0 for unlimited
 * @param windowSize bytes of one window, a multiple of the page size
 * @param headroom the share of the budget that an eviction frees beyond need, from 0 to 0.5
 * @param releaseAfterNanos how long a window may go unused before it is unmapped; 0 for ever
 */
public record MmapSettings(
    long budget, long windowSize, double headroom, long releaseAfterNanos) {}
