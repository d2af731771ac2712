package io.nodedb.mem.instrument;

import java.lang.instrument.Instrumentation;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings classes that were loaded before the agent through the transformer. Their calls that are
 * running keep the old code until they return; new calls get the new one.
 */
public final class Retransformer {
  private static final int BATCH = 64;

  private final Instrumentation instrumentation;
  private final ScopeTransformer transformer;
  private final Reporter reporter;

  /**
   * A retransformer.
   *
   * @param instrumentation the JVM's, with the transformer already added as able to retransform
   * @param transformer asked which classes it could rewrite
   * @param reporter told of classes that the JVM refuses
   */
  public Retransformer(
      Instrumentation instrumentation, ScopeTransformer transformer, Reporter reporter) {
    this.instrumentation = instrumentation;
    this.transformer = transformer;
    this.reporter = reporter;
  }

  /**
   * Retransforms what is loaded. A batch that fails is repeated class by class, so that one class
   * that the JVM refuses costs no other.
   *
   * @return how many classes went through the transformer, rewritten or not
   */
  public int retransformLoaded() {
    var batch = new ArrayList<Class<?>>(BATCH);
    int done = 0;
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (instrumentation.isModifiableClass(type) && transformer.isCandidate(type)) {
        batch.add(type);
      }
      if (batch.size() == BATCH) {
        done += retransform(batch);
        batch.clear();
      }
    }
    return done + retransform(batch);
  }

  private int retransform(List<Class<?>> batch) {
    if (batch.isEmpty()) {
      return 0;
    }
    try {
      instrumentation.retransformClasses(batch.toArray(Class<?>[]::new));
      return batch.size();
    } catch (Throwable whole) { // VerifyError, InternalError, UnsupportedOperationException, ...
      return oneByOne(batch);
    }
  }

  private int oneByOne(List<Class<?>> batch) {
    int done = 0;
    for (var type : batch) {
      try {
        instrumentation.retransformClasses(type);
        done++;
      } catch (Throwable t) {
        reporter.uninstrumented(type.getName(), type.getClassLoader(), t.toString());
      }
    }
    return done;
  }
}
