package io.nodedb.mem.agent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The runtime's module: everything in the agent's jar but the API, the hooks and this package, in a
 * layer and a loader of its own. A named module, because native access and opened JDK packages can
 * then be granted to it alone and not to the application as well.
 */
final class RuntimeLayer {
  private static final String NAME = "io.nodedb.mem.agent.runtime";
  private static final String API = "io.nodedb.mem";
  private static final Set<String> ELSEWHERE = Set.of(API, "io.nodedb.mem.hook", "io.nodedb.mem.agent");
  private static final List<String> REQUIRED =
      List.of("java.instrument", "java.logging", "java.management", "jdk.jfr", "jdk.management");

  /** For metrics over HTTP; without it the rest works. */
  private static final List<String> USED_IF_PRESENT = List.of("jdk.httpserver");

  private static final String LOGGING = "io.nodedb.mem.shaded.slf4j.spi.SLF4JServiceProvider";
  private static final String NO_LOGGING =
      "io.nodedb.mem.shaded.slf4j.helpers.NOP_FallbackServiceProvider";

  private final Module module;

  private RuntimeLayer(Module module) {
    this.module = module;
  }

  /** Makes the layer from the jar that a class was loaded from. */
  static RuntimeLayer of(Class<?> inJar) throws URISyntaxException, IOException {
    URI jar = inJar.getProtectionDomain().getCodeSource().getLocation().toURI();
    for (String required : REQUIRED) {
      if (ModuleLayer.boot().findModule(required).isEmpty()) {
        throw new IllegalStateException(
            "module " + required + " is not in this JVM (remedy: --add-modules "
                + String.join(",", REQUIRED) + ")");
      }
    }
    JarModule reference = new JarModule(jar);
    Configuration configuration =
        ModuleLayer.boot()
            .configuration()
            .resolve(reference, ModuleFinder.of(), Set.of(NAME));
    ModuleLayer layer =
        ModuleLayer.defineModulesWithOneLoader(
                configuration,
                List.of(ModuleLayer.boot()),
                new ApiLoader(ClassLoader.getPlatformClassLoader()))
            .layer();
    return new RuntimeLayer(layer.findModule(NAME).orElseThrow());
  }

  Class<?> findClass(String name) throws ClassNotFoundException {
    return Class.forName(name, true, module.getClassLoader());
  }

  /** Finds the runtime's module in the jar, as a class loader wants it. */
  private static final class JarModule implements ModuleFinder {
    private final URI location;
    private final JarFile jar;
    private final ModuleReference reference;

    JarModule(URI location) throws IOException {
      this.location = location;
      this.jar = new JarFile(Path.of(location).toFile());
      ModuleDescriptor.Builder builder = ModuleDescriptor.newOpenModule(NAME);
      for (String required : REQUIRED) {
        builder.requires(required);
      }
      for (String module : USED_IF_PRESENT) {
        if (ModuleLayer.boot().findModule(module).isPresent()) {
          builder.requires(module);
        }
      }
      // The metrics library logs; without a provider SLF4J would say so on stderr.
      builder.uses(LOGGING);
      builder.provides(LOGGING, List.of(NO_LOGGING));
      builder.packages(packages());
      this.reference =
          new ModuleReference(builder.build(), location) {
            @Override
            public ModuleReader open() {
              return new Reader();
            }
          };
    }

    @Override
    public Optional<ModuleReference> find(String name) {
      return name.equals(NAME) ? Optional.of(reference) : Optional.empty();
    }

    @Override
    public Set<ModuleReference> findAll() {
      return Collections.singleton(reference);
    }

    private Set<String> packages() {
      Set<String> packages = new HashSet<>();
      for (Enumeration<JarEntry> e = jar.entries(); e.hasMoreElements(); ) {
        String name = e.nextElement().getName();
        if (name.endsWith(".class") && name.startsWith("io/nodedb/mem/")) {
          packages.add(name.substring(0, name.lastIndexOf('/')).replace('/', '.'));
        }
      }
      packages.removeAll(ELSEWHERE);
      return packages;
    }

    /** The jar stays open as long as the JVM runs: classes are loaded from it at any time. */
    private final class Reader implements ModuleReader {
      @Override
      public Optional<URI> find(String name) {
        return jar.getJarEntry(name) == null
            ? Optional.empty()
            : Optional.of(URI.create("jar:" + location + "!/" + name));
      }

      @Override
      public Optional<InputStream> open(String name) throws IOException {
        JarEntry entry = jar.getJarEntry(name);
        return entry == null ? Optional.empty() : Optional.of(jar.getInputStream(entry));
      }

      @Override
      public Stream<String> list() {
        return jar.stream().map(JarEntry::getName);
      }

      @Override
      public void close() {}
    }
  }

  /**
   * The runtime's parent: the platform, and the API where the application has loaded it already or
   * has it in a named module; else the API is in the boot loader.
   */
  static final class ApiLoader extends ClassLoader {
    private volatile ClassLoader api;

    ApiLoader(ClassLoader platform) {
      super(platform);
    }

    /**
     * Says where the API is. Called reflectively by the runtime, before it touches the API.
     *
     * @param loader the loader that has it
     */
    public void api(ClassLoader loader) {
      api = loader;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      ClassLoader from = api;
      if (from != null
          && name.startsWith(API + '.')
          && name.lastIndexOf('.') == API.length()) {
        return from.loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }
}
