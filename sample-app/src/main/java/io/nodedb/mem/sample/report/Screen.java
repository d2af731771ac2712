package io.nodedb.mem.sample.report;

import io.nodedb.mem.sample.ByteSize;
import java.io.Console;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a run is shown: on a terminal one table that is drawn again and again, elsewhere a line now
 * and then. Used by one thread.
 */
public final class Screen {
  private static final int LINE_EVERY_SECONDS = 5;

  private final PrintWriter out;
  private final boolean terminal;
  private final Colours colours;
  private int drawn;
  private long nextLine;

  /**
   * Makes one.
   *
   * @param out where to write
   * @param terminal whether that is a terminal
   * @param coloured whether it shows colours
   */
  public Screen(PrintWriter out, boolean terminal, boolean coloured) {
    this.out = out;
    this.terminal = terminal;
    this.colours = new Colours(coloured);
  }

  /**
   * The process's own.
   *
   * @param out standard output
   * @return with colours if it is a terminal and NO_COLOR is not set
   */
  public static Screen ofProcess(PrintWriter out) {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    String noColor = System.getenv("NO_COLOR");
    return new Screen(out, terminal, terminal && (noColor == null || noColor.isEmpty()));
  }

  /**
   * Shows a line.
   *
   * @param text the line
   */
  public void line(String text) {
    print(text);
    drawn = 0;
  }

  /**
   * Shows how far the run is; how often it is called decides how often a terminal is redrawn.
   *
   * @param second seconds since the clients started
   * @param seconds how long they run
   * @param sampler the process's figures
   * @param engines the engines' figures
   */
  public void progress(int second, int seconds, Sampler sampler, List<EngineFigures> engines) {
    String head = String.format(Locale.ROOT, "%d of %d s, RSS %s (peak %s)", second, seconds,
        ByteSize.format(sampler.rss()), ByteSize.format(sampler.rssPeak()));
    if (terminal) {
      redraw(head, engines);
    } else if (second >= nextLine) {
      nextLine = second + LINE_EVERY_SECONDS;
      StringBuilder line = new StringBuilder(head);
      for (EngineFigures engine : engines) {
        line.append("; ").append(engine.name());
        if (engine.used() != null) {
          line.append(' ').append(ByteSize.format(engine.used()));
        }
        line.append(' ').append(engine.operations()).append(" ops");
        if (engine.rejections() > 0) {
          line.append(' ').append(engine.rejections()).append(" refused");
        }
      }
      print(line.toString());
    }
  }

  private void redraw(String head, List<EngineFigures> engines) {
    List<String> lines = new ArrayList<>(Table.lines(engines, colours));
    lines.addFirst(head);
    StringBuilder frame = new StringBuilder();
    if (drawn > 0) {
      frame.append("\u001b[").append(drawn).append('A');
    }
    for (String line : lines) {
      frame.append("\u001b[2K").append(line).append('\n');
    }
    if (!Fatal.dying()) {
      out.print(frame);
      out.flush();
    }
    drawn = lines.size();
  }

  /**
   * Shows the final table.
   *
   * @param engines the engines' figures
   */
  public void table(List<EngineFigures> engines) {
    print("");
    Table.lines(engines, colours).forEach(this::print);
    print("");
    drawn = 0;
  }

  /**
   * Says the last word.
   *
   * @param failure what went wrong, or null
   */
  public void result(String failure) {
    print(failure == null
        ? colours.green("RESULT: PASS") : colours.red("RESULT: FAIL: " + failure));
  }

  private void print(String text) {
    if (!Fatal.dying()) {
      out.println(text);
      out.flush();
    }
  }
}
