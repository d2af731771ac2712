import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Compiles the heap sampler for every Linux target that a C compiler is found for. Run by the build
 * with the {@code java} of the JDK that compiles the project, whose headers it takes.
 *
 * <p>Arguments: the source, the directory that takes {@code linux-ARCH/libnodedbmem.so}. Without a
 * compiler it prints one warning and succeeds: the agent then estimates its heap ledger. A compiler
 * that fails on the source fails the build.
 *
 * <p>The library names no C library (-nostdlib): the few functions it uses are in the process
 * already, and so it loads on any version of glibc, and on musl, whatever it was built on. It is
 * never unmapped (-z nodelete), as a callback may be running in it.
 */
final class BuildSampler {
  private static final List<String> FLAGS =
      List.of(
          "-std=c11", "-O2", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror",
          "-shared", "-nostdlib", "-s", "-Wl,--build-id=none", "-Wl,-z,nodelete", "-Wl,-z,relro",
          "-Wl,-z,now");

  private BuildSampler() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path source = Path.of(args[0]);
    Path out = Path.of(args[1]);
    Path include = Path.of(System.getProperty("java.home"), "include");
    int built = 0;
    String why = "no cc, gcc or clang on the PATH";
    if (!Files.exists(include.resolve("jvmti.h"))) {
      why = "the JDK that runs the build has no include/jvmti.h";
    } else {
      for (String compiler : List.of("cc", "gcc", "clang")) {
        if (built == 0) {
          built += build(compiler, source, out, include);
        }
      }
      built += build("aarch64-linux-gnu-gcc", source, out, include);
    }
    if (built == 0) {
      System.out.println(
          "[WARNING] heap sampler not built, the agent will estimate the heap ledger: " + why);
    }
  }

  private static int build(String compiler, Path source, Path out, Path include)
      throws IOException, InterruptedException {
    String platform = platform(compiler);
    if (platform == null) {
      return 0;
    }
    Path library = out.resolve(platform).resolve("libnodedbmem.so");
    if (Files.exists(library)
        && Files.getLastModifiedTime(library).compareTo(Files.getLastModifiedTime(source)) > 0) {
      return 1;
    }
    Files.createDirectories(library.getParent());
    List<String> command = new ArrayList<>();
    command.add(compiler);
    command.addAll(FLAGS);
    if (platform.endsWith("aarch64")) {
      command.add("-mno-outline-atomics"); // those are in libgcc, which is not linked
    }
    command.addAll(List.of("-I" + include, "-I" + include.resolve("linux")));
    command.addAll(List.of("-o", library.toString(), source.toString()));
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      Files.deleteIfExists(library);
      System.err.println("[ERROR] " + compiler + " failed on " + source + " with code " + exit);
      System.exit(1);
    }
    return 1;
  }

  /** What the compiler builds for, or null if it is not there or builds for no known target. */
  private static String platform(String compiler) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(compiler, "-dumpmachine").start();
      String machine =
          new String(process.getInputStream().readAllBytes()).strip().toLowerCase(Locale.ROOT);
      if (process.waitFor() != 0 || !machine.contains("linux")) {
        return null;
      }
      if (machine.startsWith("x86_64-")) {
        return "linux-x86_64";
      }
      return machine.startsWith("aarch64-") ? "linux-aarch64" : null;
    } catch (IOException e) {
      return null;
    }
  }
}
