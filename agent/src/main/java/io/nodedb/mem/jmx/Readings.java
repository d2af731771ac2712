package io.nodedb.mem.jmx;

import java.util.function.Supplier;

/**
 * Where beans read from. Thread-safe.
 *
 * @param <T> a reading
 */
final class Readings<T> {
  private final ScopedValue<T> shared = ScopedValue.newInstance();
  private final Supplier<T> source;

  Readings(Supplier<T> source) {
    this.source = source;
  }

  /** All figures: new ones, or inside {@link #together} the ones that were read at its beginning. */
  T all() {
    return shared.isBound() ? shared.get() : source.get();
  }

  /** Runs something that sees one reading only. */
  <R> R together(Supplier<R> reader) {
    return ScopedValue.where(shared, source.get()).call(reader::get);
  }
}
