import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
 * which classes go to the boot loader, so that the start does not look through all entries; entries
 * for directories, which every opening of the jar would read, are left out.
 *
 * <p>Argument: the jar, replaced. Entries keep their times, so that equal builds give equal jars.
 */
final class PackAgent {
  private static final String INDEX = "META-INF/nodedb-mem.index";
  private static final String API = "io/nodedb/mem/";
  private static final String HOOKS = "io/nodedb/mem/hook/";
  private static final String AGENT = "io/nodedb/mem/agent/";

  private PackAgent() {}

  public static void main(String[] args) throws IOException {
    Path jar = Path.of(args[0]);
    Path packed = jar.resolveSibling(jar.getFileName() + ".packed");
    try (ZipFile from = new ZipFile(jar.toFile());
        OutputStream out = Files.newOutputStream(packed);
        ZipOutputStream to = new ZipOutputStream(out)) {
      List<ZipEntry> entries = new ArrayList<>(Collections.list(from.entries()));
      entries.removeIf(e -> e.isDirectory() || e.getName().equals(INDEX));
      // The manifest stays first, where JarInputStream looks for it.
      ZipEntry manifest = entries.getFirst();
      copy(from, manifest, to);
      write(to, manifest, INDEX, index(entries).getBytes(StandardCharsets.UTF_8));
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

  private static void copy(ZipFile from, ZipEntry entry, ZipOutputStream to) throws IOException {
    try (InputStream in = from.getInputStream(entry)) {
      write(to, entry, entry.getName(), in.readAllBytes());
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
