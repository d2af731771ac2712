/**
 * Flight Recorder events. The sole user of {@code jdk.jfr}. Nothing here starts the recorder, and no
 * event class is loaded before somebody else has.
 */
package io.nodedb.mem.events;
