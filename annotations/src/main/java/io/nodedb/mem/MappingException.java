package io.nodedb.mem;

/** A file could not be mapped. The message names the operation, the file, and a remedy. */
public class MappingException extends MemoryBudgetException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure. */
  public enum Reason {
    /** There is no such file. */
    NO_SUCH_FILE,
    /** The file was there and is gone, or another one has its name. */
    VANISHED,
    /** The file is shorter than it was when it was mapped. */
    TRUNCATED,
    /** The range lies past the end of a file pinned read-only, or is no range. */
    OUT_OF_RANGE,
    /** No space left on the device, or the quota is used up. */
    DISK_FULL,
    /** No permission, or a read-only file system. */
    NOT_PERMITTED,
    /** A component of the path is a symbolic link that leads out of its root. */
    SYMBOLIC_LINK,
    /** The process has too many mappings. */
    TOO_MANY_MAPPINGS,
    /** The process or the system has too many open files. */
    TOO_MANY_FILES,
    /** The limit on locked memory is reached. */
    LOCK_LIMIT,
    /** A file holds what it may not hold. */
    CORRUPT,
    /** The manager is closed. */
    CLOSED,
    /** Mapping works on Linux only. */
    UNSUPPORTED,
    /** Anything else the system said. */
    IO
  }

  /** The kind. */
  private final Reason reason;

  /** The system's error number, 0 if none. */
  private final int errno;

  /**
   * Makes one.
   *
   * @param reason what kind of failure
   * @param errno the system's error number, 0 if none
   * @param message one line: what, file, value, remedy
   */
  public MappingException(Reason reason, int errno, String message) {
    super(message);
    this.reason = reason;
    this.errno = errno;
  }

  /**
   * The kind.
   *
   * @return what kind of failure
   */
  public Reason reason() {
    return reason;
  }

  /**
   * The system's error number.
   *
   * @return errno, 0 if there is none
   */
  public int errno() {
    return errno;
  }
}
