package io.nodedb.mem.mapped;

import io.nodedb.mem.MappingStatistics;
import io.nodedb.mem.governor.Account;

/** What one field of one engine has mapped. All counters are guarded by the pool's lock. */
final class FieldCounters {
  final String engine;
  final String field;

  /** Who pays; null if nobody. */
  final Account account;

  long windows;
  long bytes;
  long pins;
  long maps;
  long evictions;
  long evictedBytes;

  FieldCounters(String engine, String field, Account account) {
    this.engine = engine;
    this.field = field;
    this.account = account;
  }

  void mapped(Window window) {
    windows++;
    bytes += window.bytes;
    maps++;
  }

  void unmapped(Window window) {
    windows--;
    bytes -= window.bytes;
    pins += window.pins.drainTotal();
    evictions++;
    evictedBytes += window.bytes;
  }

  MappingStatistics stats(long livePins) {
    return new MappingStatistics(windows, bytes, livePins, pins, maps, evictions, evictedBytes);
  }
}
