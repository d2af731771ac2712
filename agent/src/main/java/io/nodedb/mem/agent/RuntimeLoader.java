package io.nodedb.mem.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
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
  private static final String INDEX = "META-INF/nodedb-mem.index";
  private static final String API = "io.nodedb.mem";
  private static final Set<String> ELSEWHERE = Set.of(API, API + ".hook", API + ".agent");

  static {
    registerAsParallelCapable();
  }

  private final JarFile jar;
  private volatile StartEntries start;
  private final URL location;
  private final ProtectionDomain domain;
  private volatile ClassLoader api;

  /** Under this object's monitor: what {@link #entry} waits for. */
  private Object handedOver;

  RuntimeLoader(JarFile jar, URL location) throws IOException {
    super("nodedb-mem", ClassLoader.getPlatformClassLoader());
    this.jar = jar;
    this.location = location;
    this.domain =
        new ProtectionDomain(
            new CodeSource(location, (Certificate[]) null), null, this, null);
    this.start = StartEntries.in(this);
  }

  /** What was read ahead is no longer needed. */
  void started() {
    start = null;
  }

  /** An entry that the build makes. */
  byte[] read(String name) throws IOException {
    try (InputStream in = open(name)) {
      if (in == null) {
        throw new IOException(
            jar.getName() + ": no " + name + " (remedy: the agent's own jar, not packed anew)");
      }
      return in.readAllBytes();
    }
  }

  /** Null if there is no such entry. */
  private InputStream open(String name) throws IOException {
    StartEntries ahead = start;
    InputStream in = ahead == null ? null : ahead.open(name);
    if (in != null) {
      return in;
    }
    JarEntry entry = jar.getJarEntry(name);
    return entry == null ? null : jar.getInputStream(entry);
  }

  /**
   * What the build says of the jar, as looking through all its entries takes a tenth of the start.
   *
   * @param what {@code package} for the runtime's packages, {@code boot} for the classes of API and
   *     hooks, which are the boot loader's, or {@code start} for those that are read ahead
   */
  Set<String> index(String what) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    String prefix = what + ' ';
    String text = new String(read(INDEX), StandardCharsets.ISO_8859_1);
    for (int at = 0, end; (end = text.indexOf('\n', at)) >= 0; at = end + 1) {
      if (text.startsWith(prefix, at)) {
        found.add(text.substring(at + prefix.length(), end));
      }
    }
    return found;
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

  /** Asks the parent, unless it cannot have the class: its look-up of each costs a start 15 ms. */
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(API) || ELSEWHERE.contains(packageOf(name))) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  private static String packageOf(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    String inPackage = packageOf(name);
    if (ELSEWHERE.contains(inPackage) && !name.equals(ModuleDefiner.class.getName())) {
      ClassLoader from = api;
      if (from != null && inPackage.equals(API)) {
        return from.loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
    try (InputStream in = open(name.replace('.', '/').concat(".class"))) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
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

  /** From the jar alone, and not by a URL, which takes a start ten milliseconds. */
  @Override
  public InputStream getResourceAsStream(String name) {
    try {
      return open(name);
    } catch (IOException e) {
      return null; // As the contract is: what cannot be read is not found.
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
