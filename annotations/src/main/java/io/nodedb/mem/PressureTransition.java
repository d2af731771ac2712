package io.nodedb.mem;

import java.util.Optional;

/**
 * One change of pressure level.
 *
 * @param engine the engine, or empty for the whole process
 * @param from the level before
 * @param to the level after, never equal to {@code from}
 * @param used bytes in use when the threshold was crossed
 * @param limit the engine's limit, or the ceiling
 * @param cause what moved it, such as {@code reserve}, {@code release} or {@code collection}
 */
public record PressureTransition(
    Optional<String> engine,
    PressureLevel from,
    PressureLevel to,
    long used,
    long limit,
    String cause) {}
