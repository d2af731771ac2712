package io.nodedb.mem.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import jdk.internal.misc.Unsafe;

/**
 * Puts the API and the hooks where every class sees them: the boot loader.
 *
 * <p>Not with {@link Instrumentation#appendToBootstrapClassLoaderSearch}: HotSpot then turns off
 * class data sharing for application classes and prints a warning. The JDK's internal Unsafe defines
 * a class in the boot loader, under any package; only this module gets access to it.
 *
 * <p>The API stays where it is if the application has loaded it already (the agent was attached), has
 * it in an archive of its classes or in a named module: it would be there twice otherwise. The hooks
 * are the agent's alone.
 */
final class BootClasses {
  private static final String API = "io/nodedb/mem/";
  private static final String HOOKS = "io/nodedb/mem/hook/";
  private static final String PROBE = "io.nodedb.mem.Installed";
  private static final String HOOK = "io.nodedb.mem.hook.Hooks";

  private final Instrumentation instrumentation;
  private final Module self = BootClasses.class.getModule();

  BootClasses(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /** Defines what has to be and makes it readable for this module. */
  void define() throws ReflectiveOperationException, IOException {
    Module base = Object.class.getModule();
    instrumentation.redefineModule(
        base,
        Set.of(),
        Map.of(),
        Map.of("jdk.internal.misc", Set.of(self), "java.lang", Set.of(self)),
        Set.of(),
        Map.of());
    Map<String, byte[]> api = new LinkedHashMap<>();
    Map<String, byte[]> hooks = new LinkedHashMap<>();
    read(api, hooks);
    ClassLoader home = home(api.keySet());
    if (home != null) {
      @SuppressWarnings("unchecked")
      Consumer<Object> loader = (Consumer<Object>) self.getClassLoader();
      loader.accept(home);
    }
    if (!defined()) {
      if (home == null) {
        hooks.putAll(api);
      }
      defineAll(hooks);
    }
    self.addReads(Class.forName(HOOK, false, null).getModule());
    self.addReads(Class.forName(PROBE, false, self.getClassLoader()).getModule());
  }

  /** Whether an agent was here before: one that was attached and refused its configuration. */
  private static boolean defined() {
    try {
      Class.forName(HOOK, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * The loader that the application has the API from; null for none.
   *
   * @param api the API's classes by internal name: any of them decides, not only the first one used,
   *     as an exception thrown by the boot loader's copy is not caught by the application's
   */
  private ClassLoader home(Set<String> api) throws ReflectiveOperationException {
    for (Module module : ModuleLayer.boot().modules()) {
      if (module.getPackages().contains("io.nodedb.mem")) {
        return module.getClassLoader();
      }
    }
    // With an archive of the application's classes (CDS), this is where HotSpot takes a class from
    // the archive, before it asks the parent: such a class is as good as loaded.
    var findLoaded = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
    findLoaded.setAccessible(true);
    ClassLoader system = ClassLoader.getSystemClassLoader();
    for (String name : api) {
      if (findLoaded.invoke(system, name.replace('/', '.')) != null) {
        return system;
      }
    }
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (loaded.getName().equals(PROBE) && loaded.getClassLoader() != null) {
        return loaded.getClassLoader();
      }
    }
    return null;
  }

  private void read(Map<String, byte[]> apiClasses, Map<String, byte[]> hookClasses)
      throws IOException {
    URI location =
        URI.create(
            BootClasses.class.getProtectionDomain().getCodeSource().getLocation().toString());
    try (JarFile jar = new JarFile(Path.of(location).toFile())) {
      for (Enumeration<JarEntry> e = jar.entries(); e.hasMoreElements(); ) {
        JarEntry entry = e.nextElement();
        String name = entry.getName();
        boolean api = name.startsWith(API) && name.indexOf('/', API.length()) < 0;
        if (name.endsWith(".class")
            && !name.endsWith("package-info.class")
            && (name.startsWith(HOOKS) || api)) {
          try (InputStream in = jar.getInputStream(entry)) {
            (api ? apiClasses : hookClasses)
                .put(name.substring(0, name.length() - ".class".length()), in.readAllBytes());
          }
        }
      }
    }
  }

  /** A class can be defined once its supertypes are: what fails is tried again after the others. */
  private static void defineAll(Map<String, byte[]> classes) {
    Unsafe unsafe = Unsafe.getUnsafe();
    List<String> left = new ArrayList<>(classes.keySet());
    while (!left.isEmpty()) {
      List<String> later = new ArrayList<>();
      NoClassDefFoundError last = null;
      for (String name : left) {
        byte[] bytes = classes.get(name);
        try {
          unsafe.defineClass(name, bytes, 0, bytes.length, null, null);
        } catch (NoClassDefFoundError e) {
          last = e;
          later.add(name);
        }
      }
      if (later.size() == left.size()) {
        throw last;
      }
      left = later;
    }
  }
}
