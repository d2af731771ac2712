package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A class that cannot take a scope stays as it is, is reported once, and works. */
class UntransformableIT {
  /** Past what a method may grow to, but a valid class file. */
  private static final int STATEMENTS = 13_050;

  @TempDir Path directory;

  /** Hides the hooks as a modular framework's loader might. */
  static final class Hiding extends URLClassLoader {
    Hiding(URL[] urls) {
      super("hiding", urls, Hiding.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("io.nodedb.mem.hook.")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }

  /** Calls every class twice; arguments: their directory, that of the one to hide the hooks from. */
  static final class Calling {
    private Calling() {}

    public static void main(String[] args) throws Exception {
      try (URLClassLoader odd = new URLClassLoader("odd", urls(args[0]), loader());
          URLClassLoader hiding = new Hiding(urls(args[1]))) {
        for (String name : List.of("UnknownEngine", "BadSize", "Huge", "Overrides")) {
          call(odd, "odd." + name);
        }
        call(hiding, "hidden.Hidden");
      }
    }

    private static ClassLoader loader() {
      return Calling.class.getClassLoader();
    }

    private static URL[] urls(String path) throws IOException {
      return new URL[] {Path.of(path).toUri().toURL()};
    }

    private static void call(ClassLoader loader, String name) throws Exception {
      Class<?> type = loader.loadClass(name);
      Object one = type.getDeclaredConstructor().newInstance();
      System.out.println(name + "=" + type.getMethod("work").invoke(one));
      Meter.print(
          name + ".counted",
          () -> {
            try {
              type.getMethod("work").invoke(one);
            } catch (ReflectiveOperationException e) {
              throw new IllegalStateException(e);
            }
          });
    }
  }

  private static String type(String name, String annotation) {
    return """
        package odd;

        import io.nodedb.mem.EngineBudget;

        public class %s {
          static Object sink;

          %s
          public int work() {
            sink = new byte[1 << 20];
            return 42;
          }
        }
        """
        .formatted(name, annotation);
  }

  private static String huge() {
    return """
        package odd;

        import io.nodedb.mem.EngineBudget;

        public class Huge {
          @EngineBudget("query")
          public int work() {
            int a = 42;
            %s
            return a;
          }
        }
        """
        .formatted("a ^= 7;".repeat(STATEMENTS));
  }

  private static final String WITHOUT_CODE =
      """
      package odd;

      import io.nodedb.mem.EngineBudget;

      abstract class WithoutCode {
        @EngineBudget("query")
        public abstract int work();

        @EngineBudget("query")
        public native int other();
      }
      """;

  @Test
  void staysAsItIsIsReportedOnceAndWorks() throws IOException {
    Path odd =
        new Sources(directory.resolve("src"))
            .add(
                "odd/UnknownEngine.java",
                type("UnknownEngine", "@EngineBudget(\"qery\")"))
            .add(
                "odd/BadSize.java",
                type("BadSize", "@EngineBudget(value = \"query\", perCall = \"lots\")"))
            .add("odd/Huge.java", huge())
            .add("odd/WithoutCode.java", WITHOUT_CODE)
            .add(
                "odd/Overrides.java",
                """
                package odd;

                public class Overrides extends WithoutCode {
                  @Override
                  public int work() {
                    return 42;
                  }
                }
                """)
            .compile(directory.resolve("classes"), false);
    Path hidden =
        new Sources(directory.resolve("hidden-src"))
            .add(
                "hidden/Hidden.java",
                type("Hidden", "@EngineBudget(\"query\")").replace("package odd", "package hidden"))
            .compile(directory.resolve("hidden-classes"), false);
    ChildJvm.Result result =
        ChildJvm.running(Calling.class, odd.toString(), hidden.toString())
            .agent("ceiling=700MiB")
            .run();
    assertThat(result.exit()).as(result.all()).isZero();
    for (String name :
        List.of("odd.UnknownEngine", "odd.BadSize", "odd.Huge", "odd.Overrides", "hidden.Hidden")) {
      assertThat(result.value(name)).as(result.all()).isEqualTo("42");
      assertThat(result.value(name + ".counted")).as(result.all()).isEmpty();
    }
    assertThat(result.err()).as(result.all()).hasSize(7);
    told(result, "odd.UnknownEngine", "qery", "vector, sparse, crdt, timeseries, query");
    told(result, "odd.BadSize", "lots", "write one such as 256MiB");
    told(result, "odd.Huge.work", "too large");
    told(result, "odd.WithoutCode.work", "abstract");
    told(result, "odd.WithoutCode.other", "native");
    told(result, "hidden.Hidden", "hides", "hiding");
  }

  private static void told(ChildJvm.Result result, String... words) {
    assertThat(result.err())
        .as(result.all())
        .filteredOn(line -> line.contains(words[0]))
        .singleElement()
        .asString()
        .startsWith("nodedb-mem: ")
        .contains("stays uninstrumented")
        .contains(words);
  }
}
