package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the agent's jar brings into a process: nothing under a name that is not its own. */
class JarContentsIT {
  private static final String OWN = "io/nodedb/mem/";
  private static final Pattern OTHERS =
      Pattern.compile(
          "META-INF/(MANIFEST\\.MF|LICENSE|NOTICE)"
              + "|(META-INF/)?native/linux-(x86_64|aarch64)/libnodedbmem\\.so"
              + "|linux/(x64|arm64)/org/lwjgl/jemalloc/libjemalloc\\.so"
              + "|META-INF/nodedb-mem\\.(index|start)"
              + "|META-INF/services/io\\.nodedb\\.mem\\..*");

  /** What the Prometheus client uses where it is there; the runtime's loader shows it none of it. */
  private static final Pattern OPTIONAL =
      Pattern.compile("io/(dropwizard/metrics5|opentelemetry)/.*");

  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/([0-9]+)/(.*)");

  private static List<JarEntry> entries(JarFile jar) {
    List<JarEntry> files = jar.stream().filter(e -> !e.isDirectory()).toList();
    assertThat(files).hasSizeGreaterThan(100);
    return files;
  }

  @Test
  void everythingIsUnderTheProjectsOwnNames() throws IOException {
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      List<String> strange =
          entries(jar).stream()
              .map(JarEntry::getName)
              .map(name -> VERSIONED.matcher(name).replaceFirst("$2"))
              .filter(name -> !name.startsWith(OWN) && !OTHERS.matcher(name).matches())
              .toList();
      assertThat(strange).isEmpty();
      assertThat(jar.getEntry("module-info.class")).isNull();
    }
  }

  /** A class that was moved but is still called by its old name would be missed only when used. */
  @Test
  void everyClassThatIsNamedIsInTheJarOrInTheJdk() throws IOException {
    Set<String> missing = new TreeSet<>();
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      for (JarEntry entry : entries(jar)) {
        if (!entry.getName().endsWith(".class")) {
          continue;
        }
        try (InputStream in = jar.getInputStream(entry)) {
          for (PoolEntry each : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
            if (each instanceof ClassEntry type) {
              String name = type.asInternalName().replaceFirst("^\\[+L?([^;]*);?$", "$1");
              if (name.indexOf('/') > 0
                  && !OPTIONAL.matcher(name).matches()
                  && jar.getEntry(name + ".class") == null
                  && ClassLoader.getPlatformClassLoader().getResource(name + ".class") == null) {
                missing.add(name);
              }
            }
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  /** The profile of {@code charAt} is the application's: the build has ASM read by another method. */
  @Test
  void classFilesAreReadWithoutCharAt() throws IOException {
    Set<String> reading = new TreeSet<>();
    Set<String> changed = new TreeSet<>();
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      for (JarEntry entry : entries(jar)) {
        String name = entry.getName();
        if (name.startsWith(OWN + "shaded/asm/") && name.endsWith(".class")) {
          try (InputStream in = jar.getInputStream(entry)) {
            for (MethodModel method : ClassFile.of().parse(in.readAllBytes()).methods()) {
              method.code().stream()
                  .flatMap(CodeModel::elementStream)
                  .filter(InvokeInstruction.class::isInstance)
                  .map(InvokeInstruction.class::cast)
                  .forEach(
                      call -> {
                        String called = call.owner().asInternalName() + "." + call.name();
                        if (called.equals("java/lang/String.charAt")) {
                          reading.add(name);
                        } else if (called.equals(OWN + "instrument/Characters.at")) {
                          changed.add(name);
                        }
                      });
            }
          }
        }
      }
    }
    assertThat(reading).isEmpty();
    assertThat(changed).contains(OWN + "shaded/asm/Type.class", OWN + "shaded/asm/ByteVector.class");
  }

  @Test
  void versionedClassesReplaceOnesThatAreThereForAVersionThatIs() throws IOException {
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      for (JarEntry entry : entries(jar)) {
        var versioned = VERSIONED.matcher(entry.getName());
        if (versioned.matches()) {
          assertThat(Integer.parseInt(versioned.group(1))).as(entry.getName()).isBetween(9, 25);
          assertThat(jar.getEntry(versioned.group(2))).as(entry.getName()).isNotNull();
        }
      }
    }
  }

  @Test
  void manifestNamesTheEntryPoints() throws IOException {
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      Attributes main = jar.getManifest().getMainAttributes();
      List<String> points = new ArrayList<>();
      for (String key : List.of("Premain-Class", "Agent-Class", "Main-Class")) {
        points.add(main.getValue(key));
      }
      assertThat(points)
          .allSatisfy(
              p -> assertThat(jar.getEntry(p.replace('.', '/') + ".class")).as(p).isNotNull());
      assertThat(main.getValue("Can-Retransform-Classes")).isEqualTo("true");
      assertThat(main.getValue("Boot-Class-Path")).isNull();
    }
  }

  @Test
  void indexNamesEveryPackageAndEveryClassOfTheBootLoader() throws IOException {
    Set<String> expected = new TreeSet<>();
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      for (JarEntry entry : entries(jar)) {
        String name = entry.getName();
        if (!name.startsWith(OWN) || !name.endsWith(".class")) {
          continue;
        }
        String directory = name.substring(0, name.lastIndexOf('/'));
        switch (directory) {
          case "io/nodedb/mem", "io/nodedb/mem/hook" -> {
            if (!name.endsWith("/package-info.class")) {
              expected.add("boot " + name.replace(".class", ""));
            }
          }
          case "io/nodedb/mem/agent" -> {}
          default -> expected.add("package " + directory.replace('/', '.'));
        }
      }
      try (InputStream in = jar.getInputStream(jar.getEntry("META-INF/nodedb-mem.index"))) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines())
            .filteredOn(line -> !line.startsWith("start "))
            .containsExactlyInAnyOrderElementsOf(expected);
      }
      assertThat(jar.stream().filter(JarEntry::isDirectory)).isEmpty();
    }
  }

  /** One entry with what a start reads: all of the API and hooks, and each as it is in its own entry. */
  @Test
  void startEntryHoldsWhatTheIndexSays() throws IOException {
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile());
        InputStream index = jar.getInputStream(jar.getEntry("META-INF/nodedb-mem.index"));
        InputStream start = jar.getInputStream(jar.getEntry("META-INF/nodedb-mem.start"))) {
      List<String> lines = new String(index.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      Set<String> held = new TreeSet<>();
      for (String line : lines) {
        String[] words = line.split(" ");
        if (words[0].equals("start")) {
          byte[] bytes = start.readNBytes(Integer.parseInt(words[2]));
          assertThat(bytes)
              .as(words[1])
              .isEqualTo(jar.getInputStream(jar.getEntry(words[1])).readAllBytes());
          held.add(words[1]);
        }
      }
      assertThat(start.read()).isEqualTo(-1);
      assertThat(held)
          .containsAll(
              lines.stream()
                  .filter(line -> line.startsWith("boot "))
                  .map(line -> line.substring(5) + ".class")
                  .toList());
    }
  }

  /** What the build makes of lambdas: a class spun at the start takes longer than one that is loaded. */
  @Test
  void noLambdaOfTheRuntimeIsLeftToTheJvm() throws IOException {
    Set<String> spun = new TreeSet<>();
    int made = 0;
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      for (JarEntry entry : entries(jar)) {
        String name = entry.getName();
        if (!name.startsWith(OWN) || !name.endsWith(".class") || name.contains("/shaded/")) {
          continue;
        }
        made += name.contains("$$L") ? 1 : 0;
        try (InputStream in = jar.getInputStream(entry)) {
          for (PoolEntry each : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
            if (each instanceof InvokeDynamicEntry call
                && call.bootstrap().bootstrapMethod().reference().name().equalsString("metafactory")
                && !name.startsWith(OWN + "hook/")
                && name.indexOf('/', OWN.length()) > 0) {
              spun.add(name);
            }
          }
        }
      }
    }
    assertThat(spun).isEmpty();
    assertThat(made).isGreaterThan(100);
  }

  @Test
  void licenceAndNoticeAreTheProjectsOwn() throws IOException {
    try (JarFile jar = new JarFile(ChildJvm.agentJar().toFile())) {
      for (String name : List.of("LICENSE", "NOTICE")) {
        JarEntry entry = jar.getJarEntry("META-INF/" + name);
        assertThat(entry).as(name).isNotNull();
        try (InputStream in = jar.getInputStream(entry)) {
          assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
              .isEqualTo(Files.readString(ChildJvm.ROOT.resolve(name)));
        }
      }
    }
    assertThat(Files.readString(ChildJvm.ROOT.resolve("NOTICE")))
        .contains("ASM", "Typesafe Config", "Dropwizard Metrics", "picocli", "SLF4J", "jemalloc");
  }
}
