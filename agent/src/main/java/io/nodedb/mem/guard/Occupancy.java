package io.nodedb.mem.guard;

/**
 * What the process occupies, against what it may. Bytes.
 *
 * @param resident the larger of the process's resident set and what its control group holds
 * @param bound the smaller of the ceiling and the control group's limit
 */
public record Occupancy(long resident, long bound) {
  double share() {
    return bound <= 0 ? 0 : (double) resident / bound;
  }
}
