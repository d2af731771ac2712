package io.nodedb.mem.overflow;

import java.util.UUID;

/**
 * A region's state as recovered, ready to be written on.
 *
 * @param region its identity
 * @param superblock the newest superblock
 * @param manifest the manifest
 * @param table the object table
 * @param space places in the data file
 * @param quarantine extents that older checkpoints refer to
 * @param engines names of engines
 * @param data generation of the data file
 * @param nextCheckpoint number of the next checkpoint
 * @param nextLog number of the log to be written next
 * @param nextLsn number of the next record
 * @param replayed log records that were replayed
 * @param cutFile the log whose torn tail was cut off, or null
 * @param cutOffset where
 */
record RegionState(
    UUID region,
    SuperblockLayout superblock,
    ManifestLayout manifest,
    ObjectTable table,
    ExtentAllocator space,
    Quarantine quarantine,
    EngineNames engines,
    long data,
    long nextCheckpoint,
    long nextLog,
    long nextLsn,
    long replayed,
    java.nio.file.Path cutFile,
    long cutOffset) {}
