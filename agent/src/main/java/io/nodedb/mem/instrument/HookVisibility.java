package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.Hooks;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Whether a loader's classes can call the hooks. A loader that hides the boot loader's packages from
 * its classes (OSGi frameworks do) would make every rewritten method fail at its first hook, so its
 * classes are left alone. Asked once per loader, and only when a class of it is about to change.
 */
final class HookVisibility {
  private final Map<ClassLoader, Boolean> known = new WeakHashMap<>();

  boolean from(ClassLoader loader) {
    if (loader == null
        || loader == ClassLoader.getPlatformClassLoader()
        || loader == ClassLoader.getSystemClassLoader()) {
      return true;
    }
    synchronized (known) {
      var answer = known.get(loader);
      if (answer != null) {
        return answer;
      }
    }
    // Not under the monitor: the loader runs code of its own here.
    var sees = sees(loader);
    synchronized (known) {
      known.put(loader, sees);
    }
    return sees;
  }

  private static boolean sees(ClassLoader loader) {
    try {
      return Class.forName(Hooks.class.getName(), false, loader) == Hooks.class;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
