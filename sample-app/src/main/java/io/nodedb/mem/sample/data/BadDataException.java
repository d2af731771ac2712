package io.nodedb.mem.sample.data;

import java.io.IOException;

/** A data file is not what its name promises. */
public class BadDataException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param file which file
   * @param message what is wrong where, with the value found and the one expected; one line
   */
  public BadDataException(Object file, String message) {
    super(file + ": " + message);
  }
}
