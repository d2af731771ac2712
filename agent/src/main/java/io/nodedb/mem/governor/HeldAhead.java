package io.nodedb.mem.governor;

/**
 * Bytes that a ledger has admitted ahead of use, so that small amounts need not meet the engine's
 * counter one by one. They count as used for admission and as free everywhere else. Thread-safe.
 */
public interface HeldAhead {
  /** Nothing. */
  HeldAhead NONE =
      new HeldAhead() {
        @Override
        public long unspent() {
          return 0;
        }

        @Override
        public void recall() {}
      };

  /**
   * What is held.
   *
   * @return bytes
   */
  long unspent();

  /** Releases it all. From now on nothing is held until {@link Account#mayHoldAhead} allows it. */
  void recall();
}
