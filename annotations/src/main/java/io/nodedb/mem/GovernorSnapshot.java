package io.nodedb.mem;

import java.util.List;

/**
 * All budgets at one moment. Engines are read one after the other: the sum of their figures may
 * differ from {@code used} by what changed meanwhile.
 *
 * @param ceiling bound of the sum over engines, in bytes
 * @param heapCeiling bound of the heap ledgers' sum, in bytes
 * @param used bytes in use over all engines
 * @param peak the highest {@code used} so far, in bytes
 * @param pressure the process's level
 * @param engines every known engine, in the order of their configuration
 */
public record GovernorSnapshot(
    long ceiling,
    long heapCeiling,
    long used,
    long peak,
    PressureLevel pressure,
    List<EngineSnapshot> engines) {}
