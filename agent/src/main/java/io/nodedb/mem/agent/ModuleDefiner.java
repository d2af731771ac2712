package io.nodedb.mem.agent;

import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.util.List;
import java.util.Set;
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
  private static final String LOGGING = "io.nodedb.mem.shaded.slf4j.spi.SLF4JServiceProvider";
  private static final String NO_LOGGING =
      "io.nodedb.mem.shaded.slf4j.helpers.NOP_FallbackServiceProvider";

  static {
    @SuppressWarnings("unchecked")
    Consumer<Object> loader = (Consumer<Object>) ModuleDefiner.class.getClassLoader();
    loader.accept(new ModuleDefiner());
  }

  private ModuleDefiner() {}

  /**
   * Defines the module, open and with services.
   *
   * @param arguments its name, a set of its packages, a URI where the classes come from, a list of the
   *     modules that it reads beside {@code java.base}
   * @return the module
   */
  @Override
  public Object apply(Object[] arguments) {
    ClassLoader loader = ModuleDefiner.class.getClassLoader();
    JavaLangAccess jdk = SharedSecrets.getJavaLangAccess();
    @SuppressWarnings("unchecked")
    Set<String> packages = (Set<String>) arguments[1];
    // Without the checks of names, whose lambdas take a start four milliseconds.
    ModuleDescriptor descriptor =
        SharedSecrets.getJavaLangModuleAccess()
            .newModuleBuilder(
                (String) arguments[0], false, Set.of(ModuleDescriptor.Modifier.OPEN))
            .packages(packages)
            // The metrics library logs; without a provider SLF4J would say so on stderr.
            .uses(LOGGING)
            .provides(LOGGING, List.of(NO_LOGGING))
            .build();
    Module module = jdk.defineModule(loader, descriptor, (URI) arguments[2]);
    jdk.addReads(module, Object.class.getModule());
    for (Object each : (List<?>) arguments[3]) {
      jdk.addReads(module, (Module) each);
    }
    jdk.addEnableNativeAccess(module);
    ServicesCatalog.getServicesCatalog(loader).register(module);
    return module;
  }
}
