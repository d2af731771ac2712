package io.nodedb.mem.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

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

  /** Defines what has to be, makes it readable for this module, grants it native access. */
  void define() throws ReflectiveOperationException, IOException {
    Module base = Object.class.getModule();
    instrumentation.redefineModule(
        base,
        Set.of(),
        Map.of(),
        Map.of("jdk.internal.misc", Set.of(self), "java.lang", Set.of(self)),
        Set.of(),
        Map.of());
    enableNativeAccess();
    Map<String, byte[]> api = new LinkedHashMap<>();
    Map<String, byte[]> hooks = new LinkedHashMap<>();
    read(api, hooks);
    ClassLoader home = home(api.keySet());
    if (home != null) {
      ClassLoader parent = self.getClassLoader().getParent();
      var tell = parent.getClass().getDeclaredMethod("api", ClassLoader.class);
      tell.setAccessible(true);
      tell.invoke(parent, home);
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

  private void enableNativeAccess() throws ReflectiveOperationException {
    var grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
    grant.setAccessible(true);
    grant.invoke(self);
  }

  private void read(Map<String, byte[]> apiClasses, Map<String, byte[]> hookClasses)
      throws IOException {
    URI location =
        self.getLayer()
            .configuration()
            .findModule(self.getName())
            .orElseThrow()
            .reference()
            .location()
            .orElseThrow();
    try (JarFile jar = new JarFile(Path.of(location).toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
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
  private static void defineAll(Map<String, byte[]> classes) throws ReflectiveOperationException {
    Definer definer = new Definer();
    List<String> left = new ArrayList<>(classes.keySet());
    while (!left.isEmpty()) {
      int before = left.size();
      LinkageError[] last = new LinkageError[1];
      left.removeIf(
          name -> {
            try {
              definer.define(name, classes.get(name));
              return true;
            } catch (NoClassDefFoundError e) {
              last[0] = e;
              return false;
            }
          });
      if (left.size() == before) {
        throw last[0];
      }
    }
  }

  /** {@code jdk.internal.misc.Unsafe.defineClass}, which no compiler may name here. */
  private static final class Definer {
    private final MethodHandle define;

    Definer() throws ReflectiveOperationException {
      Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(unsafe, MethodHandles.lookup());
      Object instance = unsafe.getMethod("getUnsafe").invoke(null);
      define =
          lookup
              .findVirtual(
                  unsafe,
                  "defineClass",
                  MethodType.methodType(
                      Class.class, String.class, byte[].class, int.class, int.class,
                      ClassLoader.class, ProtectionDomain.class))
              .bindTo(instance);
    }

    void define(String name, byte[] bytes) {
      try {
        Class<?> defined =
            (Class<?>)
                define.invokeExact(
                    name, bytes, 0, bytes.length, (ClassLoader) null, (ProtectionDomain) null);
        assert defined != null;
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(name, e);
      }
    }
  }
}
