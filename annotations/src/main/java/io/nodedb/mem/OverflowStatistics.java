package io.nodedb.mem;

/**
 * Figures of an {@link OverflowRegion} at one moment.
 *
 * @param liveSlots slots that hold a payload
 * @param liveBytes bytes of their payloads
 * @param fileBytes size of the payload file
 * @param maxBytes what the payload file may grow to
 * @param freeBytes bytes inside the payload file that can be allocated now
 * @param heldBytes freed bytes that retained checkpoints, readers or open views still refer to
 * @param checkpoint sequence number of the latest checkpoint
 * @param logBytes bytes of the log since that checkpoint; 0 for a reader
 * @param openBytes bytes of files that opening had to read
 */
public record OverflowStatistics(
    long liveSlots,
    long liveBytes,
    long fileBytes,
    long maxBytes,
    long freeBytes,
    long heldBytes,
    long checkpoint,
    long logBytes,
    long openBytes) {}
