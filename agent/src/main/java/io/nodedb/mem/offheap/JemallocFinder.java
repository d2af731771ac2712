package io.nodedb.mem.offheap;

import io.nodedb.mem.offheap.JemallocLibrary.Source;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for jemalloc: in the process, at the configured path, on the system, in the agent's jar. The
 * first that binds wins.
 */
final class JemallocFinder {
  private static final String[] PREFIXES = {"", "je_"};

  /** Why candidates were passed over, in the order of search. */
  private final List<String> passedOver = new ArrayList<>();

  /**
   * Searches.
   *
   * @param configured a path, if the configuration names one
   * @return the library, or empty; {@link #passedOver} says why
   */
  Optional<JemallocLibrary> find(Optional<Path> configured) {
    if (!Native.supported()) {
      passedOver.add("only Linux on x86-64 and aarch64 is supported");
      return Optional.empty();
    }
    return inProcess()
        .or(() -> configured.flatMap(path -> load(path.toString(), Source.CONFIGURED)))
        .or(() -> load("libjemalloc.so.2", Source.SYSTEM))
        .or(this::carried);
  }

  List<String> passedOver() {
    return List.copyOf(passedOver);
  }

  private Optional<JemallocLibrary> inProcess() {
    MemorySegment everywhere = MemorySegment.NULL;
    for (String prefix : PREFIXES) {
      Optional<MemorySegment> found = Native.symbol(everywhere, prefix + "mallctlbymib");
      if (found.isPresent()) {
        String file = Native.fileOf(found.get()).orElse("this process");
        boolean isMalloc =
            Native.symbol(everywhere, "malloc").flatMap(Native::fileOf)
                .filter(file::equals).isPresent();
        Source source = isMalloc ? Source.PRELOADED : Source.LOADED;
        return Optional.of(new JemallocLibrary(source, file, everywhere, prefix));
      }
    }
    return Optional.empty();
  }

  private Optional<JemallocLibrary> load(String name, Source source) {
    MemorySegment handle;
    try {
      handle = Native.open(name);
    } catch (UnsatisfiedLinkError e) {
      passedOver.add(e.getMessage());
      return Optional.empty();
    }
    for (String prefix : PREFIXES) {
      Optional<MemorySegment> found = Native.symbol(handle, prefix + "mallctlbymib");
      if (found.isPresent()) {
        String file = Native.fileOf(found.get()).orElse(name);
        return Optional.of(new JemallocLibrary(source, file, handle, prefix));
      }
    }
    passedOver.add(name + ": not a jemalloc");
    return Optional.empty();
  }

  /** Copied out of the jar, opened, and deleted at once: the mapping keeps it alive. */
  private Optional<JemallocLibrary> carried() {
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
    String resource = "linux/" + arch + "/org/lwjgl/jemalloc/libjemalloc.so";
    try (InputStream in = resource(resource)) {
      if (in == null) {
        passedOver.add(resource + ": not in the agent's jar");
        return Optional.empty();
      }
      Path file = Files.createTempFile("nodedb-mem-", "-libjemalloc.so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        return load(file.toString(), Source.CARRIED)
            .map(l -> new JemallocLibrary(l.source(), "the agent's", l.handle(), l.prefix()));
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      passedOver.add(resource + ": " + e);
      return Optional.empty();
    }
  }

  private static InputStream resource(String name) {
    return JemallocFinder.class.getClassLoader().getResourceAsStream(name);
  }
}
