package io.nodedb.mem;

/** What a pin may do with the bytes. */
public enum MapMode {
  /** Reads only; the file must exist and reach to the end of the range. */
  READ_ONLY,
  /**
   * Reads and writes, shared with every other mapping of the file. A missing file is created with
   * mode 0600, a range past its end extends it, and disk space for the range is reserved.
   */
  READ_WRITE
}
