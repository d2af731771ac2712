package io.nodedb.mem.instrument;

/**
 * What the transformer works with.
 *
 * @param rules the configured rules
 * @param sites where names become numbers
 * @param cleanups told of where classes clean up
 * @param reporter told of what could not be instrumented
 * @param referenceShift log2 of the size of a reference in an array: 2 with compressed oops, else 3
 */
public record InstrumentSettings(
    ScopeRules rules,
    SiteRegistry sites,
    CleanupSink cleanups,
    Reporter reporter,
    int referenceShift) {}
