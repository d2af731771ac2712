package io.nodedb.mem;

import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Files mapped in windows under one budget for the process (settings {@code mmap.*}). Any number of
 * files share it: a window is mapped when a range of it is pinned, charged to the engine that pinned
 * it, stays mapped while there is room, and is the first to go when it was not used for longest.
 * Thread-safe. Linux on x86-64 and aarch64.
 */
public interface Mappings {
  /**
   * Pins a range of a file. If it is mapped this takes no lock; otherwise windows that nobody pins
   * give way until the budget has room. If none can, the engine's breach order begins.
   *
   * @param file the file; the same instance or an equal one each time is fastest
   * @param offset where the range begins
   * @param length how long it is; 0 gives an empty segment, checks the file and maps nothing
   * @param mode what the segment allows
   * @param engine who pays if the range must be mapped
   * @param field whose statistics count it then: an index, a segment
   * @return the pin, to be closed by the same thread, soon
   * @throws MappingException if the file can't be mapped
   * @throws BudgetExceededException if there is no room and nothing can give way
   * @throws UnknownEngineException if there is no such engine
   */
  Pin pin(Path file, long offset, long length, MapMode mode, String engine, String field);

  /**
   * Asks the kernel to read a range ahead, as far as the file goes. A hint: returns at once, maps
   * and charges nothing.
   *
   * @param file the file
   * @param offset where the range begins
   * @param length how long it is
   * @throws MappingException if there is no such file
   */
  void prefetch(Path file, long offset, long length);

  /**
   * Says how a file will be used, now and in windows mapped later, until {@link #release}.
   *
   * @param file the file
   * @param advice how
   */
  void advise(Path file, MapAdvice advice);

  /**
   * Locks the window of a range in memory until the registration is closed: its pages stay resident
   * and it is not evicted.
   *
   * @param file the file
   * @param offset where the range begins
   * @param length how long it is, more than 0
   * @param engine who pays if the range must be mapped
   * @param field whose statistics count it then
   * @return unlocks
   * @throws MappingException if the limit on locked memory would be passed, or the file can't be
   *     mapped
   */
  Registration lockHot(Path file, long offset, long length, String engine, String field);

  /**
   * Creates or empties a file, readable by its owner only, to be written in one go: what is written
   * is sent to the disk as it comes and dropped from the page cache once it is there, so that a large
   * flush does not push out the pages that others work with. Not thread-safe; closing waits until
   * all of it is on the disk. Its methods throw {@link MappingException}.
   *
   * @param file the file
   * @param maxDirty most bytes written but not yet on the disk; at least 2 MiB are taken
   * @return the channel, to be closed
   * @throws MappingException if the file can't be created
   */
  WritableByteChannel writeBehind(Path file, long maxDirty);

  /**
   * Forgets a file: unmaps its unpinned windows and closes it. For files about to be deleted,
   * replaced or truncated. Windows still pinned are the first to go when their pins end.
   *
   * @param file the file; unknown is fine
   */
  void release(Path file);

  /**
   * Unmaps windows that have not been used for some time.
   *
   * @param age how long
   * @return bytes unmapped
   */
  long releaseCold(Duration age);

  /**
   * Asks the kernel to write out and drop the pages of windows that have not been used for some
   * time; they stay mapped and are read again when touched.
   *
   * @param age how long
   * @return bytes of the windows paged out
   */
  long pageOutCold(Duration age);

  /**
   * Declares a root: no symbolic link below it may lead out of it. Files under no root have their own
   * directory as root.
   *
   * @param directory the root, an existing directory
   */
  void addRoot(Path directory);

  /**
   * The bound of {@link #mappedBytes}.
   *
   * @return bytes; 0 = unlimited
   */
  long budget();

  /**
   * Bytes mapped at this moment: what the budget bounds.
   *
   * @return bytes
   */
  long mappedBytes();

  /**
   * Bytes of windows whose pages are in memory now. Asks the kernel about each page.
   *
   * @param engine the engine, or null for all
   * @return bytes
   */
  long residentBytes(String engine);

  /**
   * Figures over all windows, or an engine's.
   *
   * @param engine the engine, or null for all
   * @return the figures now
   */
  MappingStatistics statistics(String engine);

  /**
   * One field's figures.
   *
   * @param engine the engine
   * @param field the field
   * @return the figures now; zero if nothing was pinned for it
   */
  MappingStatistics statistics(String engine, String field);
}
