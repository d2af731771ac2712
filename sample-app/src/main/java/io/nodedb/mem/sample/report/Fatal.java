package io.nodedb.mem.sample.report;

import io.nodedb.mem.sample.engine.Causes;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * The end by OutOfMemoryError, in a process that may have no byte of heap left: the words are made
 * beforehand, and nothing here allocates once the heap is full.
 */
public final class Fatal {
  /** The exit code. */
  public static final int EXIT_CODE = 3;

  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
  private static final byte[] SOMEWHERE = line("the process");

  private static final AtomicBoolean FIRST = new AtomicBoolean();

  private static volatile String[] places = {};
  private static volatile byte[][] lines = {};

  /** Set when the last line is about to be written: nobody else writes from then on. */
  private static volatile boolean dying;

  private Fatal() {}

  /**
   * Makes the words, and sees to it that no thread dies unheard. To be called before any other
   * thread starts.
   *
   * @param engines where it may happen
   */
  public static void prepare(List<String> engines) {
    lines = engines.stream().map(Fatal::line).toArray(byte[][]::new);
    places = engines.toArray(String[]::new);
    exitIfOutOfMemory("", null); // loads the classes it needs
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
      exitIfOutOfMemory(thread.getName(), thrown);
      thrown.printStackTrace();
    });
  }

  private static byte[] line(String place) {
    return ("\nRESULT: FAIL: OutOfMemoryError in " + place + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Whether the process is ending.
   *
   * @return true if nothing may be printed any more
   */
  public static boolean dying() {
    return dying;
  }

  /**
   * Ends the process if that is what an exception means.
   *
   * @param place the engine, or a thread whose name starts with its name
   * @param thrown the exception, or null
   */
  public static void exitIfOutOfMemory(String place, Throwable thrown) {
    if (!Causes.has(thrown, OutOfMemoryError.class)) {
      return;
    }
    while (!FIRST.compareAndSet(false, true)) {
      LockSupport.park(); // another thread is ending the process
    }
    byte[] line = SOMEWHERE;
    for (int i = 0; i < places.length; i++) {
      if (place.startsWith(places[i])) {
        line = lines[i];
      }
    }
    dying = true;
    try {
      OUT.write(line);
    } catch (IOException e) {
      // Nobody listens; the exit code still tells.
    }
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
