package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowException;
import java.nio.file.Path;

/** A file of a region is not what was written. Names the file and the offset of the structure. */
public final class DamageException extends OverflowException {
  private static final long serialVersionUID = 1L;

  /** The damaged file, as text: exceptions are serializable. */
  private final String file;

  /** Where in it. */
  private final long offset;

  DamageException(Path file, long offset, String what) {
    super(
        "overflow: " + what + " (file " + file + ", offset " + offset
            + "); restore the file from a copy, 'overflow verify' lists all damage");
    this.file = file.toString();
    this.offset = offset;
  }

  /**
   * The damaged file.
   *
   * @return its path
   */
  public String file() {
    return file;
  }

  /**
   * Where the damaged structure starts.
   *
   * @return bytes from the start of the file
   */
  public long offset() {
    return offset;
  }
}
