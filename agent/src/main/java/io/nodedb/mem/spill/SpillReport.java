package io.nodedb.mem.spill;

import java.util.Optional;

/**
 * One call of a handler, as it ended.
 *
 * @param engine the engine
 * @param handler the handler's class
 * @param restoring whether it was offered room; else it was asked for memory
 * @param awaited whether a request that met a bound waited for it
 * @param wanted bytes asked for or offered
 * @param claimed bytes it says it freed or took; 0 if it did not return
 * @param moved bytes it freed or took by the ledgers
 * @param nanos how long it took, or was waited for
 * @param failure what is to be said against it
 */
public record SpillReport(
    String engine,
    String handler,
    boolean restoring,
    boolean awaited,
    long wanted,
    long claimed,
    long moved,
    long nanos,
    Optional<String> failure) {}
