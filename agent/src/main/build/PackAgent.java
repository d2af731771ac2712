import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.constant.ClassDesc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Packs the agent's jar anew for a quick start. An index says which packages are the runtime's and
 * which classes go to the boot loader, so that the start does not look through all entries; what a
 * start reads is in one entry as well, in the order of the index; entries for directories, which every
 * opening of the jar would read, are left out. On the way, ASM is made to read characters by a method of
 * the agent's ({@link CharacterReads}).
 *
 * <p>Argument: the jar, replaced. Entries keep their times, so that equal builds give equal jars.
 */
final class PackAgent {
  private static final String INDEX = "META-INF/nodedb-mem.index";
  private static final String START = "META-INF/nodedb-mem.start";
  private static final String API = "io/nodedb/mem/";
  private static final String HOOKS = "io/nodedb/mem/hook/";
  private static final String ASM = "io/nodedb/mem/shaded/asm/";
  private static final String AGENT = "io/nodedb/mem/agent/";

  /** A start needs all of the API and the hooks, a third of these packages, and little else. */
  private static final Set<String> STARTING =
      Set.of("audit", "config", "governor", "heap", "runtime", "shaded/config");

  private PackAgent() {}

  public static void main(String[] args) throws IOException {
    Path jar = Path.of(args[0]);
    Path packed = jar.resolveSibling(jar.getFileName() + ".packed");
    try (ZipFile from = new ZipFile(jar.toFile());
        OutputStream out = Files.newOutputStream(packed);
        ZipOutputStream to = new ZipOutputStream(out)) {
      List<ZipEntry> entries = new ArrayList<>(Collections.list(from.entries()));
      entries.removeIf(e -> e.isDirectory() || e.getName().equals(INDEX) || e.getName().equals(START));
      // The manifest stays first, where JarInputStream looks for it.
      ZipEntry manifest = entries.getFirst();
      copy(from, manifest, to);
      ByteArrayOutputStream start = new ByteArrayOutputStream();
      String index = index(entries) + start(from, entries, start);
      write(to, manifest, INDEX, index.getBytes(StandardCharsets.UTF_8));
      write(to, manifest, START, start.toByteArray());
      for (ZipEntry entry : entries.subList(1, entries.size())) {
        copy(from, entry, to);
      }
    }
    Files.move(packed, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A word and a name a line: {@code package} with dots, {@code boot} a class with slashes. */
  private static String index(List<ZipEntry> entries) {
    Set<String> lines = new TreeSet<>();
    for (ZipEntry entry : entries) {
      String name = entry.getName();
      if (!name.startsWith(API) || !name.endsWith(".class")) {
        continue;
      }
      String type = name.substring(0, name.length() - ".class".length());
      String directory = name.substring(0, name.lastIndexOf('/') + 1);
      if (directory.equals(API) || directory.equals(HOOKS)) {
        if (!type.endsWith("/package-info")) {
          lines.add("boot " + type);
        }
      } else if (!directory.equals(AGENT)) {
        lines.add("package " + directory.substring(0, directory.length() - 1).replace('/', '.'));
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** {@code start}, an entry and the number of its bytes, a line each in the order of the bytes. */
  private static String start(ZipFile from, List<ZipEntry> entries, OutputStream bytes)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ZipEntry entry : entries) {
      String name = entry.getName();
      if (name.startsWith(API) && name.endsWith(".class")) {
        String directory = name.substring(0, name.lastIndexOf('/') + 1);
        if (directory.equals(API)
            || directory.equals(HOOKS)
            || STARTING.contains(directory.substring(API.length(), directory.length() - 1))) {
          try (InputStream in = from.getInputStream(entry)) {
            lines.append("start ").append(name).append(' ').append(in.transferTo(bytes)).append('\n');
          }
        }
      }
    }
    return lines.toString();
  }

  private static void copy(ZipFile from, ZipEntry entry, ZipOutputStream to) throws IOException {
    byte[] bytes;
    try (InputStream in = from.getInputStream(entry)) {
      bytes = in.readAllBytes();
    }
    String name = entry.getName();
    if (name.startsWith(ASM) && name.endsWith(".class")) {
      bytes = new CharacterReads(type -> open(from, type)).rewrite(bytes);
    }
    write(to, entry, name, bytes);
  }

  /** Null if the jar has no such class. */
  private static InputStream open(ZipFile from, ClassDesc type) {
    String descriptor = type.descriptorString();
    ZipEntry entry = from.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return entry == null ? null : from.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(ZipOutputStream to, ZipEntry times, String name, byte[] bytes)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(times.getTimeLocal());
    to.putNextEntry(entry);
    to.write(bytes);
    to.closeEntry();
  }
}
