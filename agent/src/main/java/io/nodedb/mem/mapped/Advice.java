package io.nodedb.mem.mapped;

/** How a file's pages will be used; given to the kernel for every window of the file. */
public enum Advice {
  /** Moderate read-ahead. */
  NORMAL(LibC.MADV_NORMAL),
  /** No read-ahead: right for small reads at random places. */
  RANDOM(LibC.MADV_RANDOM),
  /** Aggressive read-ahead. */
  SEQUENTIAL(LibC.MADV_SEQUENTIAL);

  final int code;

  Advice(int code) {
    this.code = code;
  }
}
