package io.nodedb.mem.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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
  private static final String HOOKS = "io/nodedb/mem/hook/";
  private static final String PROBE = "io.nodedb.mem.Installed";
  private static final String HOOK = "io.nodedb.mem.hook.Hooks";

  private final Instrumentation instrumentation;
  private final Set<String> names;
  private final Module self = BootClasses.class.getModule();

  /**
   * Makes one.
   *
   * @param instrumentation the JVM's
   * @param names the classes of API and hooks in the agent's jar, by internal name
   */
  BootClasses(Instrumentation instrumentation, Set<String> names) {
    this.instrumentation = instrumentation;
    this.names = names;
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
    List<String> hooks = new ArrayList<>();
    List<String> api = new ArrayList<>();
    for (String name : names) {
      (name.startsWith(HOOKS) ? hooks : api).add(name);
    }
    ClassLoader home = home(api);
    if (home != null) {
      @SuppressWarnings("unchecked")
      Consumer<Object> loader = (Consumer<Object>) self.getClassLoader();
      loader.accept(home);
    }
    if (!defined()) {
      if (home == null) {
        hooks.addAll(api);
      }
      defineAll(read(hooks));
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
  private ClassLoader home(List<String> api) throws ReflectiveOperationException {
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
      // The loader first: most classes are the boot loader's, and a name is made when it is asked for.
      if (loaded.getClassLoader() != null && loaded.getName().equals(PROBE)) {
        return loaded.getClassLoader();
      }
    }
    return null;
  }

  private static Map<String, byte[]> read(Collection<String> classes) throws IOException {
    ClassLoader loader = BootClasses.class.getClassLoader();
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    for (String name : classes) {
      try (InputStream in = loader.getResourceAsStream(name.concat(".class"))) {
        bytes.put(name, in.readAllBytes());
      }
    }
    return bytes;
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
