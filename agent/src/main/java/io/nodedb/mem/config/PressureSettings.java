package io.nodedb.mem.config;

/**
 * Where pressure levels begin, as fractions of a limit: {@code 0 < warning < critical < emergency
 * <= 1}.
 *
 * @param warning where WARNING begins
 * @param critical where CRITICAL begins
 * @param emergency where EMERGENCY begins
 * @param hysteresis how far below a level's beginning use must fall before the level ends; less
 *     than the smallest gap between levels
 */
public record PressureSettings(
    double warning, double critical, double emergency, double hysteresis) {}
