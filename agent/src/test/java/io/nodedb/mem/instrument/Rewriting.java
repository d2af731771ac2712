package io.nodedb.mem.instrument;

import io.nodedb.mem.BreachMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.util.CheckClassAdapter;

/** A transformer with engines vector 0, query 1, wal 2, and loaders that run it. */
final class Rewriting {
  static final int VECTOR = 0;
  static final int QUERY = 1;
  static final int WAL = 2;

  private static final List<String> ENGINES = List.of("vector", "query", "wal");

  final List<String> lines = new ArrayList<>();
  final Map<String, int[]> cleanups = new HashMap<>();
  final ScopeTransformer transformer;

  /** Annotations only. */
  Rewriting() {
    this(ScopeRules.NONE);
  }

  Rewriting(ScopeRules rules) {
    var reporter = new LineReporter(lines::add);
    transformer =
        new ScopeTransformer(
            new InstrumentSettings(
                rules,
                new Sites(),
                (loader, name, ofSource) -> cleanups.put(name, ofSource),
                reporter,
                2));
  }

  /** A scope of one engine in every class and method. */
  static ScopeRules everything(String engine) {
    return new ScopeRules() {
      @Override
      public boolean matchesClass(String dottedName) {
        return true;
      }

      @Override
      public ScopeSpec scope(String dottedName, String method) {
        return engine == null ? null : new ScopeSpec(engine, BreachMode.INHERIT, 0, false);
      }
    };
  }

  /** The class as rewritten, or null. */
  byte[] rewrite(ClassLoader loader, String name, byte[] file) {
    return transformer.transform(null, loader, name.replace('.', '/'), null, null, file);
  }

  /** Loads a class of the tests, and those nested in it, through the transformer. */
  Class<?> load(Class<?> fixture) {
    return new Loader(Map.of(), fixture.getName()).find(fixture.getName());
  }

  /** Loads an assembled class through the transformer. */
  Class<?> load(String name, byte[] file) {
    return new Loader(Map.of(name, file), name).find(name);
  }

  static byte[] bytesOf(Class<?> type) {
    return bytesOf(type.getClassLoader(), type.getName());
  }

  private static byte[] bytesOf(ClassLoader loader, String name) {
    try (var in = loader.getResourceAsStream(name.replace('.', '/') + ".class")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Defines some classes itself, rewritten where the transformer does. */
  final class Loader extends ClassLoader {
    private final Map<String, byte[]> assembled;
    private final String prefix;
    final Map<String, byte[]> rewritten = new HashMap<>();

    Loader(Map<String, byte[]> assembled, String prefix) {
      super("fixtures", Rewriting.class.getClassLoader());
      this.assembled = assembled;
      this.prefix = prefix;
    }

    Class<?> find(String name) {
      try {
        return Class.forName(name, false, this);
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(prefix) && !name.startsWith(prefix + '$')) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) {
      var file = assembled.containsKey(name) ? assembled.get(name) : bytesOf(getParent(), name);
      var result = rewrite(this, name, file);
      if (result == null) {
        return defineClass(name, file, 0, file.length);
      }
      rewritten.put(name, result);
      var problems = new StringWriter();
      CheckClassAdapter.verify(
          new ClassReader(result), getParent(), false, new PrintWriter(problems));
      if (!problems.toString().isEmpty()) {
        throw new AssertionError(name + ":\n" + problems);
      }
      return defineClass(name, result, 0, result.length);
    }
  }

  private static final class Sites implements SiteRegistry {
    @Override
    public int engine(String name) {
      return ENGINES.indexOf(name);
    }

    @Override
    public int site(int engine, BreachMode mode, long perCallBytes) {
      return RecordingRuntime.SITES + engine;
    }

    @Override
    public Collection<String> knownEngines() {
      return ENGINES;
    }
  }
}
