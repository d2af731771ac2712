/**
 * Spilled data on disk: {@link io.nodedb.mem.overflow.OverflowRegions} opens a region for its one
 * writer or for any number of readers. Formats are in docs/overflow-format.md, each stated once in
 * a class named {@code *Layout}.
 *
 * <p><b>Order of commitment</b>, the same for every policy; a policy only decides who waits:
 *
 * <ol>
 *   <li>the payload gets its extent of the data file, is written there or gathered in memory to be
 *       written with its neighbours, and its CRC is taken;
 *   <li>the log record is appended to the staging buffer, the slot becomes readable here;
 *   <li>what is gathered is written, the data file is forced;
 *   <li>the log is written and forced, then its durable mark moves past the record;
 *   <li>{@code SYNC} acknowledges.
 * </ol>
 *
 * <p><b>A checkpoint</b> starts a new log, freezes the object table as of that moment, forces data
 * and old log, writes the table to a new file, replaces the manifest, writes the other superblock,
 * and only then deletes what nothing refers to.
 *
 * <p><b>Reuse of freed space.</b> An extent is allocated again only when (a) the record that freed
 * it is durable, so that no recovery can bring the old slot back over the new bytes; (b) no
 * checkpoint that contains the slot is retained or leased by a reader, so that a reader's state
 * stays whole; and (c) no view of it is open in this process.
 */
package io.nodedb.mem.overflow;
