package io.nodedb.mem.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * Entries of the jar that a start reads, in one piece. To find, open and read them one by one takes a
 * tenth of a millisecond each, in code that is interpreted yet.
 */
final class StartEntries {
  private static final String ALL = "META-INF/nodedb-mem.start";

  private final byte[] bytes;

  /** Where an entry begins and how long it is. */
  private final Map<String, int[]> places;

  private StartEntries(byte[] bytes, Map<String, int[]> places) {
    this.bytes = bytes;
    this.places = places;
  }

  /** Those of the loader's jar. */
  static StartEntries in(RuntimeLoader loader) throws IOException {
    Map<String, int[]> places = new HashMap<>(2048);
    int at = 0;
    for (String line : loader.index("start")) {
      int space = line.indexOf(' ');
      int length = Integer.parseInt(line, space + 1, line.length(), 10);
      places.put(line.substring(0, space), new int[] {at, length});
      at += length;
    }
    byte[] bytes = loader.read(ALL);
    if (bytes.length != at) {
      throw new IOException(
          ALL + " has " + bytes.length + " bytes (expected: " + at
              + "; remedy: the agent's own jar, not packed anew)");
    }
    return new StartEntries(bytes, places);
  }

  /** Null if it is not among them. */
  InputStream open(String name) {
    int[] place = places.get(name);
    return place == null ? null : new ByteArrayInputStream(bytes, place[0], place[1]);
  }
}
