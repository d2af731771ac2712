package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scopes in classes of loaders that know little of the agent, and of modules. */
class LoadersIT {
  private static final String WORK =
      """
      package loaded;

      import io.nodedb.mem.EngineBudget;
      import io.nodedb.mem.MemoryGovernor;

      public class Work implements Runnable {
        public static volatile Object sink;

        @Override
        @EngineBudget("crdt")
        public void run() {
          sink = new byte[1 << 20];
        }

        @Override
        public String toString() {
          return String.valueOf(MemoryGovernor.get().active());
        }
      }
      """;

  @TempDir Path directory;

  /** Looks for classes in its own places first, as servlet containers do. */
  static final class ChildFirst extends URLClassLoader {
    ChildFirst(URL[] urls, ClassLoader parent) {
      super("child-first", urls, parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> found = findLoadedClass(name);
        if (found == null && !name.startsWith("java.")) {
          try {
            found = findClass(name);
          } catch (ClassNotFoundException e) {
            // Not here.
          }
        }
        return found != null ? found : super.loadClass(name, resolve);
      }
    }
  }

  /** Runs the class in each loader; arguments: its directory, the API's jar. */
  static final class Loading {
    private Loading() {}

    public static void main(String[] args) throws Exception {
      URL[] own = {Path.of(args[0]).toUri().toURL()};
      URL[] withApi = {own[0], Path.of(args[1]).toUri().toURL()};
      ClassLoader app = Loading.class.getClassLoader();
      List<URLClassLoader> loaders = new ArrayList<>();
      loaders.add(new URLClassLoader("application", own, app));
      loaders.add(new URLClassLoader("platform", own, ClassLoader.getPlatformClassLoader()));
      loaders.add(new URLClassLoader("boot", own, null));
      loaders.add(new ChildFirst(own, app));
      loaders.add(new URLClassLoader("apiOfItsOwn", withApi, null));
      for (URLClassLoader loader : loaders) {
        try (loader) {
          Runnable work =
              (Runnable) loader.loadClass("loaded.Work").getDeclaredConstructor().newInstance();
          if (work.getClass().getClassLoader() != loader) {
            throw new AssertionError(loader.getName());
          }
          work.run(); // The first scope has more to do than to allocate.
          Meter.print(loader.getName(), work);
          System.out.println(loader.getName() + "Governed=" + work);
        }
      }
    }
  }

  @Test
  void classesOfAnyLoaderAreGoverned() throws IOException {
    Path classes =
        new Sources(directory.resolve("src"))
            .add("loaded/Work.java", WORK)
            .compile(directory.resolve("classes"), false);
    ChildJvm.Result result =
        ChildJvm.running(
                Loading.class, classes.toString(), ChildJvm.annotationsJar().toString())
            .agent("ceiling=700MiB")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
    for (String loader : List.of("application", "platform", "boot", "child-first", "apiOfItsOwn")) {
      assertThat(result.value(loader)).as(result.all()).isEqualTo("crdt:1024");
      assertThat(result.value(loader + "Governed")).as(result.all()).isEqualTo("true");
    }
  }

  private Path module() throws IOException {
    return new Sources(directory.resolve("module-src"))
        .add("module-info.java", "module probe.app { requires io.nodedb.mem; }")
        .add(
            "probe/Main.java",
            """
            package probe;

            import io.nodedb.mem.EngineBudget;
            import io.nodedb.mem.MemoryGovernor;

            public class Main {
              static volatile Object sink;

              @EngineBudget("crdt")
              static void work() {
                sink = new byte[1 << 20];
              }

              public static void main(String[] args) {
                MemoryGovernor governor = MemoryGovernor.get();
                System.out.println("module=" + Main.class.getModule().getName());
                System.out.println("api=" + MemoryGovernor.class.getModule().getName());
                System.out.println(
                    "jfr=" + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
                System.out.println("governed=" + governor.active());
                work();
                if (governor.active()) {
                  System.out.println(
                      "counted=" + (governor.snapshot("crdt").allocated() >> 20));
                }
              }
            }
            """)
        .compile(directory.resolve("probe.app"), true);
  }

  private ChildJvm running(Path module) {
    return ChildJvm.with(
            "-p", module + ":" + ChildJvm.annotationsJar(), "-m", "probe.app/probe.Main")
        .classPath("")
        .agent("ceiling=700MiB");
  }

  @Test
  void namedModuleIsGoverned() throws IOException {
    ChildJvm.Result result =
        running(module())
            .jvm("--add-modules", "jdk.jfr,jdk.management,java.management,java.logging")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
    assertThat(result.value("module")).isEqualTo("probe.app");
    assertThat(result.value("api")).isEqualTo("io.nodedb.mem");
    assertThat(result.value("governed")).as(result.all()).isEqualTo("true");
    assertThat(result.value("counted")).as(result.all()).isEqualTo("1");
  }

  @Test
  void namedModuleWithoutTheRecorderRunsUngovernedAndIsTold() throws IOException {
    // As in an image without it; a whole JDK resolves it for services' sake.
    ChildJvm.Result result =
        running(module())
            .jvm(
                "--limit-modules",
                "java.instrument,java.logging,java.management,jdk.management,"
                    + "io.nodedb.mem,probe.app")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.value("jfr")).as(result.all()).isEqualTo("false");
    assertThat(result.value("module")).isEqualTo("probe.app");
    assertThat(result.value("governed")).as(result.all()).isEqualTo("false");
    assertThat(result.err())
        .as(result.all())
        .singleElement()
        .asString()
        .startsWith("nodedb-mem: ")
        .contains("runs without budgets", "module jdk.jfr", "--add-modules");
  }
}
