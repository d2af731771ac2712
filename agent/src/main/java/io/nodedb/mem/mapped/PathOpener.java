package io.nodedb.mem.mapped;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Opens files so that no symbolic link leads out of a root. The root of a file is the outermost
 * declared root it lies under, or else its own directory. How one gets to the root is the caller's
 * business; from there on the kernel resolves the path beneath the root (openat2): a link that
 * stays inside is followed, one that leads elsewhere, an absolute one included, is refused.
 * Where there is no openat2, each component is opened in turn and every link is refused.
 */
final class PathOpener {
  private final List<Path> roots = new CopyOnWriteArrayList<>();

  void addRoot(Path directory) {
    roots.add(clean(directory));
  }

  private static Path clean(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /**
   * Opens a file.
   *
   * @return the descriptor, or the negated error number
   */
  int open(Path path, int flags, int mode) {
    Path file = clean(path);
    Path root = rootOf(file);
    if (root == null) {
      return -Errno.EINVAL;
    }
    int directory = LibC.open(root.toString(), LibC.O_PATH | LibC.O_DIRECTORY, 0);
    if (directory < 0) {
      return directory;
    }
    try {
      Path below = root.relativize(file);
      int fd = LibC.openBeneath(directory, below.toString(), flags, mode);
      boolean missing = fd == -Errno.ENOSYS || fd == -Errno.EPERM; // EPERM: a seccomp filter
      return missing ? walk(directory, root, below, flags, mode) : fd;
    } finally {
      LibC.close(directory);
    }
  }

  private Path rootOf(Path file) {
    Path best = null;
    for (Path root : roots) {
      boolean outer = best == null || root.getNameCount() < best.getNameCount();
      if (outer && file.startsWith(root) && !file.equals(root)) {
        best = root;
      }
    }
    return best == null ? file.getParent() : best;
  }

  /** The way without openat2: no links at all. */
  static int walk(int root, Path rootPath, Path below, int flags, int mode) {
    int directory = root;
    Path at = rootPath;
    try {
      int last = below.getNameCount() - 1;
      for (int i = 0; i < last; i++) {
        at = at.resolve(below.getName(i));
        int next =
            LibC.openAt(
                directory,
                below.getName(i).toString(),
                LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_NOFOLLOW,
                0);
        if (directory != root) {
          LibC.close(directory);
        }
        if (next < 0) {
          directory = root;
          // The kernel says "not a directory" of a link here; only the message depends on this.
          return next == -Errno.ENOTDIR && Files.isSymbolicLink(at) ? -Errno.ELOOP : next;
        }
        directory = next;
      }
      String name = below.getName(last).toString();
      return LibC.openAt(directory, name, flags | LibC.O_NOFOLLOW, mode);
    } finally {
      if (directory != root) {
        LibC.close(directory);
      }
    }
  }
}
