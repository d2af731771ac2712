package io.nodedb.mem.mapped;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;

/** Turns what the system answered into an exception that says what to do. */
final class Errors {
  private Errors() {}

  /**
   * Describes a failed call.
   *
   * @param doing what was tried, such as "open"
   * @param file the file
   * @param error the error number, of either sign
   * @return the exception, to be thrown
   */
  static MappingException of(String doing, Object file, long error) {
    int errno = (int) Math.abs(error);
    return switch (errno) {
      case Errno.ENOENT, Errno.ENOTDIR ->
          make(Reason.NO_SUCH_FILE, errno, doing, file, "no such file: check the path");
      case Errno.ENOSPC, Errno.EDQUOT ->
          make(Reason.DISK_FULL, errno, doing, file, "no space left: free space on its device");
      case Errno.EACCES, Errno.EPERM ->
          make(Reason.NOT_PERMITTED, errno, doing, file, "not permitted: check owner and mode");
      case Errno.EROFS ->
          make(Reason.NOT_PERMITTED, errno, doing, file, "read-only file system: pin READ_ONLY");
      case Errno.EXDEV, Errno.ELOOP ->
          make(
              Reason.SYMBOLIC_LINK,
              errno,
              doing,
              file,
              "a symbolic link in the path leads out of its root: use the real path");
      case Errno.EMFILE, Errno.ENFILE ->
          make(
              Reason.TOO_MANY_FILES,
              errno,
              doing,
              file,
              "too many open files: raise ulimit -n or lower mmap.max-files");
      case Errno.ENOMEM ->
          make(
              Reason.TOO_MANY_MAPPINGS,
              errno,
              doing,
              file,
              "no memory or too many mappings: raise vm.max_map_count or lower mmap.max-mappings");
      default -> make(Reason.IO, errno, doing, file, "the system answered with error " + errno);
    };
  }

  static MappingException make(Reason reason, String doing, Object file, String what) {
    return make(reason, 0, doing, file, what);
  }

  private static MappingException make(
      Reason reason, int errno, String doing, Object file, String what) {
    return new MappingException(reason, errno, doing + " " + file + ": " + what);
  }
}
