package io.nodedb.mem.sample.serverless;

import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.OverflowException;
import io.nodedb.mem.OverflowOptions.PayloadCheck;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowStatistics;
import io.nodedb.mem.sample.ByteSize;
import io.nodedb.mem.sample.data.Corpus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The serverless pattern: a writer process inserts, forces a checkpoint and ends without closing
 * anything; a reader process opens the region read-only and answers the same questions at once.
 */
public final class Serverless {
  private static final int DOCUMENTS = 3_000;
  private static final long POINTS = 1_000;

  private final Path region;
  private final PrintWriter out;
  private final MemoryGovernor governor = MemoryGovernor.get();

  /**
   * Makes one.
   *
   * @param region the region's directory
   * @param out where to write
   */
  public Serverless(Path region, PrintWriter out) {
    this.region = region;
    this.out = out;
  }

  /**
   * Runs a process for each role, one after the other.
   *
   * @param arguments how to start this program again, given a role
   * @return the exit code
   * @throws IOException if a process cannot be started
   * @throws InterruptedException if interrupted meanwhile
   */
  public int run(Child arguments) throws IOException, InterruptedException {
    String written = null;
    String answered = null;
    for (Role role : Role.values()) {
      Child.Result result = arguments.run(role);
      result.lines().forEach(out::println);
      if (result.exit() != 0) {
        out.println("RESULT: FAIL: the " + role + " ended with " + result.exit());
        return 1;
      }
      String answers = result.answers();
      if (role == Role.WRITER) {
        written = answers;
      } else {
        answered = answers;
      }
    }
    if (written == null || !written.equals(answered)) {
      out.println("RESULT: FAIL: the writer answers " + written + ", the reader " + answered);
      return 1;
    }
    out.println("RESULT: PASS");
    return 0;
  }

  /**
   * Plays a role in this process.
   *
   * @param role which
   * @throws IOException if data cannot be read
   */
  public void play(Role role) throws IOException {
    switch (role) {
      case WRITER -> write();
      case READER -> read();
    }
    out.flush();
  }

  private void write() throws IOException {
    // Left open: what a reader finds does not depend on a tidy end.
    OverflowRegion opened =
        governor.openOverflow(Engines.VECTOR, region, governor.overflowOptions());
    Answers answers = Answers.write(opened, Corpus.load(DOCUMENTS), POINTS);
    opened.forceCheckpoint();
    OverflowStatistics now = opened.statistics();
    say("writer: %d texts' vectors, %d points a series; %d slots of %s; checkpoint %d",
        DOCUMENTS, POINTS, now.liveSlots(), ByteSize.format(now.liveBytes()), now.checkpoint());
    say("writer: %s%08x", Child.ANSWERS, answers.all());
  }

  private void read() throws IOException {
    long start = System.nanoTime();
    OverflowRegion opened = open();
    long open = System.nanoTime() - start;
    try (Answers answers = Answers.open(opened)) {
      answers.first();
      long first = System.nanoTime() - start;
      long again = System.nanoTime();
      open().close();
      again = System.nanoTime() - again;
      say("reader: opened in %.1f ms, first answer after %.1f ms (in a new JVM, classes loaded on"
          + " the way); opened once more in %.2f ms", open / 1e6, first / 1e6, again / 1e6);
      say("reader: %s%08x", Child.ANSWERS, answers.all());
    }
    try {
      opened.write(new byte[1], Engines.VECTOR);
      throw new IllegalStateException("a write through a reader was not refused");
    } catch (OverflowException e) {
      say("reader: a write is refused: %s", e.getMessage());
    }
    opened.close();
  }

  private OverflowRegion open() {
    return governor.openOverflowReadOnly(Engines.VECTOR, region, PayloadCheck.FIRST_TOUCH);
  }

  private void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  /** Who a process is. */
  public enum Role {
    /** Fills the region. */
    WRITER,
    /** Reads it. */
    READER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Starts this program again. */
  @FunctionalInterface
  public interface Child {
    /** What stands before the checksum in the line with the answers. */
    String ANSWERS = "answers ";

    /**
     * Runs a process to its end.
     *
     * @param role whose
     * @return what came of it
     * @throws IOException if it cannot be started
     * @throws InterruptedException if interrupted meanwhile
     */
    Result run(Role role) throws IOException, InterruptedException;

    /**
     * A process's end.
     *
     * @param exit its code
     * @param lines what it said
     */
    record Result(int exit, List<String> lines) {
      String answers() {
        return lines.stream()
            .filter(line -> line.contains(ANSWERS))
            .map(line -> line.substring(line.indexOf(ANSWERS) + ANSWERS.length()))
            .findFirst()
            .orElse(null);
      }
    }
  }
}
