package io.nodedb.mem.jmx;

import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.GovernorSnapshot;
import java.util.function.Supplier;

/** Where beans read from. Thread-safe. */
final class Readings {
  private static final ScopedValue<GovernorSnapshot> SHARED = ScopedValue.newInstance();

  private final Supplier<GovernorSnapshot> source;

  Readings(Supplier<GovernorSnapshot> source) {
    this.source = source;
  }

  /** All figures: new ones, or inside {@link #together} the ones that were read at its beginning. */
  GovernorSnapshot all() {
    return SHARED.isBound() ? SHARED.get() : source.get();
  }

  /** One engine's figures. */
  EngineSnapshot engine(int id) {
    return all().engines().get(id);
  }

  /** Runs something that sees one reading only. */
  <T> T together(Supplier<T> reader) {
    return ScopedValue.where(SHARED, source.get()).call(reader::get);
  }
}
