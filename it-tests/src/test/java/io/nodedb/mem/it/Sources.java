package io.nodedb.mem.it;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles small programs that a test cannot carry as classes of its own. */
final class Sources {
  private final Path sources;
  private final List<Path> files = new ArrayList<>();

  Sources(Path directory) {
    this.sources = directory;
  }

  Sources add(String file, String text) throws IOException {
    Path path = sources.resolve(file);
    Files.createDirectories(path.getParent());
    files.add(Files.writeString(path, text));
    return this;
  }

  /** Compiles to a directory, with the API on the class path or module path. */
  Path compile(Path to, boolean module) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-d", to.toString(), module ? "-p" : "-cp", ChildJvm.annotationsJar().toString());
      boolean done =
          compiler
              .getTask(said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
              .call();
      if (!done) {
        throw new AssertionError(said.toString());
      }
    }
    return to;
  }
}
