package io.nodedb.mem.guard;

/**
 * Something that lowers what the process occupies and refuses nobody.
 *
 * @param name for the record
 * @param restNanos least time between two of it; doubled each time it does not help, up to 16 times
 * @param action does it; may take some time, returns whether there was anything to do
 */
record GuardStep(String name, long restNanos, Action action) {
  /** What a step does. */
  @FunctionalInterface
  interface Action {
    /**
     * Does it.
     *
     * @return whether there was anything to do
     */
    boolean run();
  }
}
