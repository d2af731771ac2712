package io.nodedb.mem.sample.engine;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Lucene's own log. At its first use Lucene recommends a JVM flag that makes the JVM itself warn. */
public final class LuceneLogging {
  /** Kept, or the logger and its level would be collected. */
  private static final Logger LUCENE =
      Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

  private LuceneLogging() {}

  /** To be called before any class of Lucene is used, by whichever engine is first. */
  public static void quiet() {
    LUCENE.setLevel(Level.SEVERE);
  }
}
