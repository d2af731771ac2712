package io.nodedb.mem.config;

/**
 * The mapping manager.
 *
 * @param budget bytes that may be mapped at a time, at least one window
 * @param windowSize bytes of one window, a multiple of the page size
 * @param headroom the share of the budget that an eviction frees beyond need, from 0 to 0.5
 */
public record MmapSettings(long budget, long windowSize, double headroom) {}
