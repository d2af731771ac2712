package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.mapped.AccountSource;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;

/** What the tests share: a small manager, small options, payloads that can be recognised. */
final class Store {
  static final String ENGINE = "vector";

  private Store() {}

  static MappingManager manager() {
    return new MappingManager(
        MappingSettings.DEFAULTS.withWindowSize(1 << 20).withBudget(64 << 20),
        AccountSource.NONE,
        System::nanoTime);
  }

  /** No checkpoint but on request, 64 KiB growing to 1 MiB. */
  static OverflowOptions small() {
    return OverflowOptions.defaults()
        .withSize(64 << 10, 1 << 20)
        .withDurability(Durability.SYNC)
        .withCheckpoints(1 << 30, Duration.ofDays(1), 2);
  }

  static OverflowRegion open(Path dir, MappingManager manager) {
    return open(dir, small(), manager);
  }

  static OverflowRegion open(Path dir, OverflowOptions options, MappingManager manager) {
    return OverflowRegions.open(dir, options, RegionContext.of(manager, ENGINE));
  }

  static OverflowRegion openReadOnly(Path dir, MappingManager manager) {
    return OverflowRegions.openReadOnly(
        dir, PayloadCheck.FIRST_TOUCH, RegionContext.of(manager, ENGINE));
  }

  /** A payload that depends on its seed in every byte. */
  static byte[] payload(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] read(OverflowRegion region, long slot) {
    try (OverflowView view = region.read(slot)) {
      return view.segment().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Copies a region's directory as a crash would leave it: while it is open. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
