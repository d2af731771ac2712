package io.nodedb.mem.instrument;

/**
 * Which classes are never looked at: the agent's own, and the JDK's. Only names and loaders are
 * compared, nothing is loaded or allocated.
 */
final class ClassFilter {
  /** Packages of the agent that application loaders see; its others live in {@link #own}. */
  private static final String[] AGENT = {
    "io/nodedb/mem/hook/", "io/nodedb/mem/agent/", "io/nodedb/mem/shaded/"
  };

  private static final String API = "io/nodedb/mem/";

  private final ClassLoader own = ClassFilter.class.getClassLoader();
  private final ClassLoader platform = ClassLoader.getPlatformClassLoader();

  /**
   * Whether a class stays as it is whatever rules say.
   *
   * @param internalName its name with slashes, null for a hidden class
   * @param loader its loader
   * @return whether to leave it
   */
  boolean excludes(String internalName, ClassLoader loader) {
    if (internalName == null || loader == own) {
      return true;
    }
    return internalName.startsWith("java/")
        || internalName.startsWith("jdk/")
        || internalName.startsWith("sun/")
        || isAgents(internalName);
  }

  /**
   * Whether only a rule can mean a class: no JDK class carries the annotation.
   *
   * @param loader its loader
   * @return whether it comes with the JDK
   */
  boolean isJdk(ClassLoader loader) {
    return loader == null || loader == platform;
  }

  private static boolean isAgents(String name) {
    if (!name.startsWith(API)) {
      return false;
    }
    for (var prefix : AGENT) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return name.indexOf('/', API.length()) < 0;
  }
}
