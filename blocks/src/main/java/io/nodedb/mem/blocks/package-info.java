/**
 * Data structures that keep to an engine's budget by spilling. Each takes its memory from the engine's
 * native ledger, registers itself as spillable, and gives everything back when it is closed. {@link
 * io.nodedb.mem.blocks.IndexRegistry} does the same for fields that the application loads itself.
 *
 * <p>Ordinary library code, loaded by the application's class loader: only the API that it stands on
 * is the boot loader's.
 */
package io.nodedb.mem.blocks;
