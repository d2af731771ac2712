package io.nodedb.mem.runtime;

import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions;
import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.config.MmapSettings;
import io.nodedb.mem.config.OverflowSettings;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.mapped.LazyMappings;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import io.nodedb.mem.overflow.OverflowRegions;
import io.nodedb.mem.overflow.RegionContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.regex.Pattern;

/** Connects mapped memory and overflow regions to budgets, settings and views. Thread-safe. */
final class MappedWiring {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

  /** For the guard: a window not used for so long is cold. */
  private static final Duration COLD = Duration.ofSeconds(5);

  private final Governor governor;
  private final OverflowSettings settings;
  private final Views views;
  private final LazyMappings mappings;

  MappedWiring(MmapSettings mmap, OverflowSettings settings, Governor governor, Views views) {
    this.governor = governor;
    this.settings = settings;
    this.views = views;
    this.mappings = new LazyMappings(mmap.budget(), () -> start(mmap));
    governor.addRelief(mappings.relief());
    views.mapped(mappings);
  }

  private MappingManager start(MmapSettings mmap) {
    MappingManager made =
        new MappingManager(
            MappingSettings.DEFAULTS
                .withBudget(mmap.budget())
                .withWindowSize(mmap.windowSize())
                .withHeadroom(mmap.headroom()),
            governor::engine,
            System::nanoTime);
    made.addListener(views::evicted);
    Duration cold = Duration.ofNanos(mmap.releaseAfterNanos());
    governor.everySecond(
        () -> {
          made.tick();
          if (cold.isPositive()) {
            made.releaseCold(cold);
          }
        });
    return made;
  }

  /** Has windows that nobody has used for a while paged out; whether any are mapped. */
  boolean pageOut() {
    return mappings.ifStarted().map(m -> m.pageOutCold(COLD) > 0).orElse(false);
  }

  MappingManager mappings() {
    return mappings.get();
  }

  OverflowOptions options() {
    return OverflowOptions.defaults()
        .withSize(settings.initial(), settings.max())
        .withDurability(
            switch (settings.durability()) {
              case NONE -> Durability.NONE;
              case ASYNC -> Durability.ASYNC;
              case SYNC -> Durability.SYNC;
            });
  }

  OverflowRegion open(String engine, String name) {
    return open(engine, directory(name), options());
  }

  OverflowRegion open(String engine, Path directory, OverflowOptions options) {
    return OverflowRegions.open(directory, options, context(engine));
  }

  OverflowRegion openReadOnly(String engine, String name) {
    return openReadOnly(engine, directory(name), options().payloadCheck());
  }

  OverflowRegion openReadOnly(String engine, Path directory, PayloadCheck check) {
    return OverflowRegions.openReadOnly(directory, check, context(engine));
  }

  private RegionContext context(String engine) {
    String known = governor.engine(engine).engine();
    return new RegionContext(
        mappings.get(), known, System::nanoTime, InstantSource.system(), views.regions());
  }

  private Path directory(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new OverflowException(
          "overflow region name: '" + name + "' (expected: letters, digits, dots, dashes and"
              + " underscores, no dot first; or give a directory)");
    }
    return settings.dir().resolve(name);
  }
}
