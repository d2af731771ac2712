package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every class of the libraries on the test class path, every method scoped and gated, through the
 * JVM's verifier.
 */
class RealLibrariesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.h2.Driver",
        "org.assertj.core.api.Assertions",
        "org.junit.jupiter.api.Test",
        "org.junit.platform.commons.JUnitException",
        "org.objectweb.asm.ClassReader",
        "com.typesafe.config.Config",
        "picocli.CommandLine",
      })
  void everyClassPassesTheVerifier(String member) throws Exception {
    var rewriting = new Rewriting(Rewriting.everything("query"));
    var loader = new JarLoader(rewriting, jarOf(member));
    var result = loader.linkAll();
    assertThat(result.broken).isEmpty();
    assertThat(rewriting.lines).isEmpty();
    assertThat(result.linked).isGreaterThan(loader.names().size() * 8 / 10);
    assertThat(loader.rewritten).isGreaterThan(0);
  }

  @Test
  void theSetIsLarge() throws Exception {
    var loader = new JarLoader(new Rewriting(), jarOf("org.h2.Driver"));
    assertThat(loader.names()).hasSizeGreaterThan(1000);
  }

  private static Path jarOf(String member) throws Exception {
    var source = Class.forName(member).getProtectionDomain().getCodeSource();
    return Path.of(source.getLocation().toURI());
  }

  private record Result(int linked, List<String> broken) {}

  /** Defines a jar's classes itself and leaves the rest to the test class path. */
  private static final class JarLoader extends ClassLoader {
    private final Rewriting rewriting;
    private final Path jar;
    private int rewritten;

    JarLoader(Rewriting rewriting, Path jar) {
      super("jar", RealLibrariesTest.class.getClassLoader());
      this.rewriting = rewriting;
      this.jar = jar;
    }

    List<String> names() throws IOException {
      try (var file = new JarFile(jar.toFile())) {
        return file.stream()
            .map(entry -> entry.getName())
            .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
            .filter(name -> !name.endsWith("-info.class"))
            .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
            .toList();
      }
    }

    /** Links, which verifies, and initializes nothing: a look at the members does that. */
    Result linkAll() throws IOException {
      int linked = 0;
      var broken = new ArrayList<String>();
      for (var name : names()) {
        try {
          Class.forName(name, false, this).getDeclaredFields();
          linked++;
        } catch (NoClassDefFoundError | ClassNotFoundException e) {
          // refers to a library that is not here
        } catch (LinkageError e) {
          broken.add(e.toString());
        }
      }
      return new Result(linked, broken);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        var file = read(name);
        return file == null ? super.loadClass(name, resolve) : define(name, file);
      }
    }

    private byte[] read(String name) {
      try (var file = new JarFile(jar.toFile())) {
        var entry = file.getEntry(name.replace('.', '/') + ".class");
        return entry == null ? null : file.getInputStream(entry).readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Class<?> define(String name, byte[] file) {
      var result = rewriting.rewrite(this, name, file);
      if (result == null) {
        return defineClass(name, file, 0, file.length);
      }
      rewritten++;
      return defineClass(name, result, 0, result.length);
    }
  }
}
