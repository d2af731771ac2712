package io.nodedb.mem;

/** How a file's pages will be used; given to the kernel for every window of the file. */
public enum MapAdvice {
  /** Moderate read-ahead. */
  NORMAL,
  /** No read-ahead: right for small reads at random places. */
  RANDOM,
  /** Aggressive read-ahead. */
  SEQUENTIAL
}
