package io.nodedb.mem.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the runtime from the agent's jar. Its parent is the platform; the API comes from the boot
 * loader, or from the application where that has loaded it already or has it in a named module.
 */
final class RuntimeLoader extends ClassLoader implements Consumer<Object> {
  private static final String ALL = "io/nodedb/mem/";
  private static final String API = "io.nodedb.mem";
  private static final Set<String> ELSEWHERE = Set.of(API, API + ".hook", API + ".agent");

  static {
    registerAsParallelCapable();
  }

  private final JarFile jar;
  private final URL location;
  private final ProtectionDomain domain;
  private volatile ClassLoader api;

  /** Under this object's monitor: what {@link #entry} waits for. */
  private Object handedOver;

  RuntimeLoader(JarFile jar, URL location) {
    super("nodedb-mem", ClassLoader.getPlatformClassLoader());
    this.jar = jar;
    this.location = location;
    this.domain =
        new ProtectionDomain(
            new CodeSource(location, (Certificate[]) null), null, this, null);
  }

  /** The packages that are the runtime's. Entries of one directory mostly stand together. */
  static Set<String> packages(JarFile jar) {
    Set<String> packages = new HashSet<>();
    String last = "/";
    for (Enumeration<JarEntry> e = jar.entries(); e.hasMoreElements(); ) {
      String name = e.nextElement().getName();
      int directory = name.lastIndexOf('/') + 1;
      if (directory == last.length() && name.startsWith(last)) {
        continue;
      }
      if (name.startsWith(ALL) && name.endsWith(".class")) {
        last = name.substring(0, directory);
        packages.add(last.substring(0, directory - 1).replace('/', '.'));
      }
    }
    packages.removeAll(ELSEWHERE);
    return packages;
  }

  /**
   * The way into a class of this loader: its initializer gives an object to {@link #accept}. Reflection
   * would do as well, but spins method handles for each signature, some 5 ms each.
   */
  synchronized Function<Object[], Object> entry(String name) throws ClassNotFoundException {
    Class.forName(name, true, this);
    @SuppressWarnings("unchecked")
    Function<Object[], Object> entry = (Function<Object[], Object>) handedOver;
    return entry;
  }

  /**
   * Takes from the runtime, which cannot name this class: the object that is its {@linkplain #entry
   * entry}, or the loader that has the API, before the runtime touches the API.
   *
   * @param object an entry, or a class loader
   */
  @Override
  public synchronized void accept(Object object) {
    if (object instanceof ClassLoader loader) {
      api = loader;
    } else {
      handedOver = object;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    String inPackage = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    if (ELSEWHERE.contains(inPackage) && !name.equals(ModuleDefiner.class.getName())) {
      ClassLoader from = api;
      if (from != null && inPackage.equals(API)) {
        return from.loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
    JarEntry entry = jar.getJarEntry(name.replace('.', '/').concat(".class"));
    if (entry == null) {
      throw new ClassNotFoundException(name);
    }
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length, domain);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  @Override
  protected Class<?> findClass(String module, String name) {
    try {
      return findClass(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  @Override
  protected URL findResource(String module, String name) {
    return findResource(name);
  }

  @Override
  protected URL findResource(String name) {
    if (jar.getJarEntry(name) == null) {
      return null;
    }
    try {
      return URI.create("jar:" + location + "!/" + name).toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL found = findResource(name);
    return Collections.enumeration(found == null ? List.of() : List.of(found));
  }
}
