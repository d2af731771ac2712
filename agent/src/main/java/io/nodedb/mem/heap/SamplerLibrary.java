package io.nodedb.mem.heap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/**
 * The native half of the sampler. Its name and its native methods are known to {@code sampler.c},
 * which binds them when it is loaded.
 */
final class SamplerLibrary {
  /** Results of {@link #start} other than JVMTI's errors. */
  static final int OK = 0;

  static final int ERROR_NO_JVMTI = -1;
  static final int ERROR_NO_METHOD = -2;
  static final int ERROR_TOO_MANY = -3;

  /** JVMTI_ERROR_NOT_AVAILABLE: another agent holds the capability. */
  static final int ERROR_CAPABILITY_HELD = 98;

  /** Arguments of {@link #counter}. */
  static final int CALLS = 0;

  static final int FAILED = 1;
  static final int LOW_STACK = 2;

  /** Outcome of the one attempt to load, null before. Guarded by the class. */
  private static SamplerStatus loaded;

  private SamplerLibrary() {}

  /** Loads the library once; later calls return the same. */
  static synchronized SamplerStatus load() {
    if (loaded == null) {
      loaded = load(platform());
    }
    return loaded;
  }

  private static SamplerStatus load(String platform) {
    String resource = "native/" + platform + "/libnodedbmem.so";
    try (InputStream in = SamplerLibrary.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return new SamplerStatus(
            SamplerStatus.Kind.NO_LIBRARY, "this build carries no heap sampler for " + platform);
      }
      return load(in);
    } catch (IOException e) {
      return failed("its library cannot be unpacked into " + tempDir() + ": " + e);
    }
  }

  /** The file is needed only until it is mapped. */
  @SuppressWarnings("restricted")
  private static SamplerStatus load(InputStream in) throws IOException {
    Path file = newFile();
    try {
      Files.write(file, in.readAllBytes());
      System.load(file.toString());
      return new SamplerStatus(SamplerStatus.Kind.RUNNING, "loaded");
    } catch (UnsatisfiedLinkError | IllegalCallerException e) {
      return failed(
          "its library cannot be loaded: "
              + e.getMessage()
              + " (does "
              + tempDir()
              + " allow execution? java.io.tmpdir names another directory)");
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * A new file, its owner's alone. Not by {@link Files#createTempFile}, whose random name starts the
   * security providers; the kernel refuses a name that is taken, by a link as well, so that it needs no
   * process id either, for which the JDK starts a thread.
   */
  private static Path newFile() throws IOException {
    var owner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    for (int attempt = 0; ; attempt++) {
      try {
        return Files.createFile(Path.of(tempDir(), "nodedb-mem-" + System.nanoTime() + ".so"), owner);
      } catch (FileAlreadyExistsException e) {
        if (attempt == 100) {
          throw e;
        }
      }
    }
  }

  private static SamplerStatus failed(String why) {
    return new SamplerStatus(SamplerStatus.Kind.NOT_LOADED, why);
  }

  private static String tempDir() {
    return System.getProperty("java.io.tmpdir");
  }

  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    return os + "-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  /** Starts calling {@code hook.sampled(Object, long, int, boolean)}. */
  static native int start(Class<?> hook, int interval);

  static native int setInterval(int interval);

  static native void stop();

  static native long counter(int which);

  /**
   * Where the JVM has a field of its own.
   *
   * @param type a C++ class, as HotSpot's vmStructs name it
   * @param field a field that is not static
   * @return bytes from the object's start; -1 if this JVM does not say
   */
  static native long offsetOf(String type, String field);

  /**
   * Which objects a root keeps alive through instance fields and array elements, and through static
   * fields of a root that is a class. Stops the JVM's threads for the while.
   *
   * @param root where to begin
   * @param objects what is looked for; may hold null; without the root
   * @param met set to 1 at the places of those found, else 0; as long as {@code objects}
   * @param edges how many references to follow at the most
   * @return {@link #OK}, {@link #ERROR_NO_JVMTI}, {@link #ERROR_TOO_MANY}, or JVMTI's error
   */
  static native int reachable(Object root, Object[] objects, byte[] met, long edges);
}
