package io.nodedb.mem.agent;

import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import jdk.internal.access.JavaLangAccess;
import jdk.internal.access.SharedSecrets;
import jdk.internal.module.ServicesCatalog;

/**
 * Defines a module to the loader that loaded this class. {@link RuntimeLoader} loads it a second time,
 * into its unnamed module: what the JDK exports to that module it does not export to the application.
 *
 * <p>The steps are those of the JDK when it defines a layer: the module with its packages, what it
 * reads, its services; and native access for this module alone (JEP 472).
 */
final class ModuleDefiner implements Function<Object[], Object> {
  static {
    @SuppressWarnings("unchecked")
    Consumer<Object> loader = (Consumer<Object>) ModuleDefiner.class.getClassLoader();
    loader.accept(new ModuleDefiner());
  }

  private ModuleDefiner() {}

  /**
   * Defines the module.
   *
   * @param arguments the descriptor, a URI where the classes come from, a list of the modules that it
   *     reads beside {@code java.base}
   * @return the module
   */
  @Override
  public Object apply(Object[] arguments) {
    ClassLoader loader = ModuleDefiner.class.getClassLoader();
    JavaLangAccess jdk = SharedSecrets.getJavaLangAccess();
    Module module =
        jdk.defineModule(loader, (ModuleDescriptor) arguments[0], (URI) arguments[1]);
    jdk.addReads(module, Object.class.getModule());
    for (Object each : (List<?>) arguments[2]) {
      jdk.addReads(module, (Module) each);
    }
    jdk.addEnableNativeAccess(module);
    ServicesCatalog.getServicesCatalog(loader).register(module);
    return module;
  }
}
