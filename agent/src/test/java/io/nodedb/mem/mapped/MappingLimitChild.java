package io.nodedb.mem.mapped;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.MappingException;
import io.nodedb.mem.Pin;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps large windows until the kernel has no room for another; goes on when some are back. What is
 * limited is the address space, not the number of mappings, as the JVM must have some left for
 * itself: the kernel's answer is the same.
 */
final class MappingLimitChild {
  private static final long WINDOW = 256L << 20;
  private static final int WINDOWS = 40;

  private MappingLimitChild() {}

  /**
   * Runs.
   *
   * @param args a file to be made
   * @throws Exception if it can't
   */
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(WINDOWS * WINDOW);
    }
    MappingSettings settings =
        MappingSettings.DEFAULTS
            .withWindowSize(WINDOW)
            .withBudget(0);
    try (MappingManager manager =
        new MappingManager(settings, AccountSource.NONE, System::nanoTime)) {
      for (int i = 0; i < WINDOWS; i++) {
        pin(manager, file, i).close();
      }
      System.out.println("evictions=" + (manager.snapshot().total().evictions() > 0));
      manager.release(file);
      System.out.println("refused=" + refusal(manager, file));
      pin(manager, file, WINDOWS - 1).close();
      System.out.println("live=" + manager.snapshot().total().livePins());
    }
    System.out.println("alive");
  }

  private static Pin pin(MappingManager manager, Path file, int window) {
    return manager.pin(file, window * WINDOW, 8, MapMode.READ_ONLY, "query", "f");
  }

  /** Pins until it is refused, then lets go of everything. */
  private static Object refusal(MappingManager manager, Path file) {
    List<Pin> pins = new ArrayList<>();
    try {
      for (int i = 0; i < WINDOWS; i++) {
        pins.add(pin(manager, file, i));
      }
      return "nothing";
    } catch (MappingException e) {
      return e.reason();
    } finally {
      pins.forEach(Pin::close);
    }
  }
}
