package io.nodedb.mem.overflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.mapped.MappingManager;
import java.io.BufferedReader;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A child JVM that writes is killed with SIGKILL, again and again on one region. All 200 moments:
 *
 * <pre>mvn -pl agent -am test -Dtest=CrashTest -Dtest.jvm=-Doverflow.kills=200
 *     -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
class CrashTest {
  private static final int KILLS = Integer.getInteger("overflow.kills", 4);

  @TempDir(factory = MemoryDirectory.class) Path temp;
  private final MappingManager manager = Store.manager();
  private final Random random = new Random(Long.getLong("overflow.seed", 1));

  // Numbers of payloads found after the last kill, with their slots.
  private Map<Long, Long> live = new HashMap<>();

  @AfterEach
  void closeManager() {
    manager.close();
  }

  @Test
  void noAcknowledgedWriteIsLostWithSync() throws Exception {
    for (int kill = 0; kill < KILLS; kill++) {
      List<String> said = killed(Durability.SYNC, 2, kill);
      Set<Long> must = new HashSet<>(live.keySet());
      Set<Long> may = new HashSet<>();
      for (String line : said) {
        long number = number(line);
        switch (line.charAt(0)) {
          case 'w' -> may.add(number);
          case 'W' -> must.add(number);
          case 'f' -> must.remove(number);
          default -> may.remove(number);
        }
      }
      live.keySet().forEach(may::add);
      said.stream().filter(l -> l.charAt(0) == 'F').forEach(l -> may.remove(number(l)));
      live = recovered(said);
      assertThat(live.keySet()).as("acknowledged, kill %d", kill).containsAll(must);
      assertThat(may).as("nothing but what was written, kill %d", kill).containsAll(live.keySet());
    }
  }

  @Test
  void whatSurvivesWithAsyncIsThePastUpToSomeMoment() throws Exception {
    for (int kill = 0; kill < Math.max(1, KILLS / 2); kill++) {
      List<String> said = killed(Durability.ASYNC, 1, kill);
      Map<Long, Long> found = recovered(said);
      Set<Long> state = new HashSet<>(live.keySet());
      boolean matches = state.equals(found.keySet());
      for (String line : said) {
        if (line.charAt(0) == 'w') {
          state.add(number(line));
        } else if (line.charAt(0) == 'f') {
          state.remove(number(line));
        }
        matches |= state.equals(found.keySet());
      }
      assertThat(matches).as("a prefix of the history, kill %d", kill).isTrue();
      live = found;
    }
  }

  /** Runs a child, kills it after a random number of lines, returns what it said. */
  private List<String> killed(Durability durability, int threads, int kill) throws Exception {
    File errors = temp.resolve("errors").toFile();
    Process child =
        ChildJvm.start(
            CrashWriter.class, errors, temp.resolve("region").toString(), durability.name(),
            Integer.toString(threads), Long.toString(random.nextLong() >>> 8),
            Long.toString((kill + 1) * 100_000_000L));
    List<String> said = new ArrayList<>();
    try (BufferedReader output = child.inputReader()) {
      int lines = 1 + random.nextInt(1500);
      for (int i = 0; i < lines; i++) {
        String line = output.readLine();
        assertThat(line).as(() -> "child ended: " + errors(errors)).isNotNull();
        said.add(line);
      }
      child.toHandle().destroyForcibly(); // the process would close its output, too
      said.addAll(ChildJvm.rest(output));
    }
    assertThat(child.waitFor()).isEqualTo(128 + 9);
    return said;
  }

  private static String errors(File errors) {
    try {
      return Files.readString(errors.toPath());
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  /** Opens the region and reads everything; each payload must be what its number says. */
  private Map<Long, Long> recovered(List<String> said) {
    Map<Long, Long> slots = new HashMap<>(live);
    for (String line : said) {
      if (line.charAt(0) == 'W') {
        slots.put(number(line), Long.parseLong(line.split(" ")[2]));
      }
    }
    Map<Long, Long> found = new HashMap<>();
    try (OverflowRegion region =
        Store.open(temp.resolve("region"), Store.small().withSize(64 << 10, 16 << 20), manager)) {
      region.slots(null).forEach(
          slot -> {
            byte[] payload = Store.read(region, slot);
            long number = ByteBuffer.wrap(payload).getLong(0);
            assertThat(payload).isEqualTo(CrashWriter.payload(number));
            assertThat(slots.getOrDefault(number, slot)).isEqualTo(slot);
            assertThat(found.put(number, slot)).isNull();
          });
    }
    return found;
  }

  private static long number(String line) {
    return Long.parseLong(line.split(" ")[1]);
  }
}
