package io.nodedb.mem.agent;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.jar.JarFile;

/**
 * The runtime's module: everything in the agent's jar but the API, the hooks and this package, in a
 * loader of its own. A named module, because native access and opened JDK packages can then be
 * granted to it alone and not to the application as well.
 *
 * <p>Not in a layer: to resolve a configuration against the boot layer and to define a layer took 75
 * of the 370 ms that the agent added to the start of a JVM. {@link ModuleDefiner} does what a layer
 * would do in the end, for one module.
 */
final class RuntimeModule {
  private static final String NAME = "io.nodedb.mem.agent.runtime";
  private static final List<String> REQUIRED =
      List.of("java.instrument", "java.logging", "java.management", "jdk.jfr", "jdk.management");

  /** For metrics over HTTP; without it the rest works. */
  private static final String USED_IF_PRESENT = "jdk.httpserver";

  private final RuntimeLoader loader;

  private RuntimeModule(RuntimeLoader loader) {
    this.loader = loader;
  }

  /** Defines the module from the jar that a class was loaded from. */
  static RuntimeModule of(Class<?> inJar, Instrumentation instrumentation)
      throws URISyntaxException, IOException, ClassNotFoundException {
    List<Module> reads = reads();
    URI location = inJar.getProtectionDomain().getCodeSource().getLocation().toURI();
    // Stays open as long as the JVM runs: classes are loaded from it at any time.
    JarFile jar = new JarFile(new File(location));
    RuntimeLoader loader = new RuntimeLoader(jar, location.toURL());
    Set<Module> definer = Set.of(loader.getUnnamedModule());
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of("jdk.internal.access", definer, "jdk.internal.module", definer),
        Map.of(),
        Set.of(),
        Map.of());
    loader
        .entry(ModuleDefiner.class.getName())
        .apply(new Object[] {NAME, loader.index("package"), location, reads});
    return new RuntimeModule(loader);
  }

  private static List<Module> reads() {
    List<Module> modules = new ArrayList<>();
    for (String name : REQUIRED) {
      modules.add(
          ModuleLayer.boot()
              .findModule(name)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "module " + name + " is not in this JVM (remedy: --add-modules "
                              + String.join(",", REQUIRED) + ")")));
    }
    Optional<Module> http = ModuleLayer.boot().findModule(USED_IF_PRESENT);
    http.ifPresent(modules::add);
    return modules;
  }

  /** Internal names of the classes of API and hooks, which the boot loader gets. */
  Set<String> bootClasses() throws IOException {
    return loader.index("boot");
  }

  /** See {@link RuntimeLoader#started}. */
  void started() {
    loader.started();
  }

  /** See {@link RuntimeLoader#entry}. */
  Function<Object[], Object> entry(String name) throws ClassNotFoundException {
    return loader.entry(name);
  }
}
