package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.List;

/** Ways to clean up, each of which notes the lines it comes through. */
public class CleaningUp {
  public final List<Integer> cleanup = new ArrayList<>();
  public final List<Integer> work = new ArrayList<>();

  private final class Resource implements AutoCloseable {
    private final int made;

    Resource() {
      made = line(3);
      work.add(made);
    }

    @Override
    public void close() {
      cleanup.add(line(3));
    }
  }

  private static int line(int depth) {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(depth - 1).findFirst().orElseThrow().getLineNumber());
  }

  private void work() {
    work.add(line(3));
  }

  private void cleanup() {
    cleanup.add(line(3));
  }

  public int plain(boolean early) {
    work();
    try {
      work();
      if (early) {
        return work.size();
      }
      work();
    } finally {
      if (!work.isEmpty()) {
        cleanup();
      }
      cleanup();
    }
    work();
    return work.size();
  }

  public void nested() {
    try {
      try {
        work();
      } catch (IllegalStateException e) {
        work();
      } finally {
        cleanup();
      }
      work();
    } finally {
      try {
        cleanup();
      } finally {
        cleanup();
      }
    }
  }

  public void resources(boolean fails) {
    try (Resource first = new Resource();
        Resource second = new Resource()) {
      work();
      if (fails) {
        throw new IllegalStateException(first + " " + second);
      }
      work();
    }
    work();
  }

  /** What only throws again cleans nothing up; nor does a lock that the language opens. */
  public void other() {
    try {
      work();
    } catch (IllegalStateException e) {
      work();
      throw e;
    }
    synchronized (this) {
      work();
    }
    work();
  }

  /** Cannot be told apart. */
  public void onOneLine() {
    try { work(); } finally { work(); }
  }
}
