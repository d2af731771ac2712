package io.nodedb.mem.benchmarks;

import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.AccountSource;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import io.nodedb.mem.overflow.OverflowRegions;
import io.nodedb.mem.overflow.RegionContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory, and all that works in it. */
final class Place {
  final Path directory;
  final MappingManager manager =
      new MappingManager(MappingSettings.DEFAULTS, AccountSource.NONE, System::nanoTime);
  final RegionContext context = RegionContext.of(manager, "vector");

  Place() {
    try {
      directory = Files.createTempDirectory("overflow-benchmark");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  OverflowRegion open(Durability durability) {
    return OverflowRegions.open(
        directory.resolve("region"),
        OverflowOptions.defaults()
            .withSize(64L << 20, 4L << 30)
            .withDurability(durability),
        context);
  }

  OverflowRegion reader() {
    return OverflowRegions.openReadOnly(
        directory.resolve("region"), PayloadCheck.FIRST_TOUCH, context);
  }

  void delete() throws IOException {
    manager.close();
    try (Stream<Path> paths = Files.walk(directory)) {
      List<Path> all = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }
}
