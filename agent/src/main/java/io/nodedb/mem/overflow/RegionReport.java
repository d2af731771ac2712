package io.nodedb.mem.overflow;

import java.util.List;
import java.util.Map;

/**
 * What a region's files say, for people and programs.
 *
 * @param directory where it is
 * @param region its identity
 * @param created milliseconds since 1970
 * @param checkpoints the retained checkpoints, oldest first
 * @param logs the logs, oldest first
 * @param dataFile the data file's name
 * @param dataBytes its size
 * @param dataEnd end of the last payload in it, as of the latest checkpoint
 * @param liveSlots slots that hold a payload, as of the latest checkpoint
 * @param liveBytes bytes of their payloads
 * @param engines live slots and bytes of each engine, as of the latest checkpoint
 */
public record RegionReport(
    String directory,
    String region,
    long created,
    List<Checkpoint> checkpoints,
    List<Log> logs,
    String dataFile,
    long dataBytes,
    long dataEnd,
    long liveSlots,
    long liveBytes,
    Map<String, Engine> engines) {
  /**
   * One checkpoint.
   *
   * @param sequence its number
   * @param created milliseconds since 1970
   * @param slots entries of its table
   * @param liveSlots slots that hold a payload
   * @param liveBytes bytes of their payloads
   */
  public record Checkpoint(
      long sequence, long created, int slots, long liveSlots, long liveBytes) {}

  /**
   * One log.
   *
   * @param number its number
   * @param records records that check
   * @param durable how many of them are known to have been forced
   */
  public record Log(long number, int records, int durable) {}

  /**
   * One engine.
   *
   * @param slots live slots
   * @param bytes bytes of their payloads
   */
  public record Engine(long slots, long bytes) {}
}
