package io.nodedb.mem.overflow;

import io.nodedb.mem.mapped.MappingManager;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * What a region gets from outside.
 *
 * @param mappings maps the files
 * @param owner the engine that pays for windows, whoever's payloads are in them
 * @param nanos a clock for ages, such as {@code System::nanoTime}
 * @param wall a clock for the time stamps in files
 * @param listener is told of growth and checkpoints
 */
public record RegionContext(
    MappingManager mappings,
    String owner,
    LongSupplier nanos,
    InstantSource wall,
    RegionListener listener) {
  /** Checks that nothing is null. */
  public RegionContext {
    Objects.requireNonNull(mappings, "mappings");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(nanos, "nanos");
    Objects.requireNonNull(wall, "wall");
    Objects.requireNonNull(listener, "listener");
  }

  /**
   * A context with the system's clocks and no listener.
   *
   * @param mappings maps the files
   * @param owner the engine that pays for windows
   * @return the context
   */
  public static RegionContext of(MappingManager mappings, String owner) {
    return new RegionContext(
        mappings, owner, System::nanoTime, InstantSource.system(), new RegionListener() {});
  }
}
