package io.nodedb.mem.spill;

import io.nodedb.mem.governor.Governor;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What spilling works with.
 *
 * @param governor the budgets
 * @param start share of a limit at which spilling begins
 * @param restore share of a limit that it aims at
 * @param clock nanoseconds
 * @param patienceNanos how long a handler may run without freeing anything
 * @param threads run handlers, each call on a thread that runs nothing else meanwhile
 */
record SpillEnvironment(
    Governor governor,
    double start,
    double restore,
    LongSupplier clock,
    long patienceNanos,
    Executor threads) {}
