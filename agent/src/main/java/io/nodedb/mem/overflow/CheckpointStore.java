package io.nodedb.mem.overflow;

import io.nodedb.mem.mapped.MappingManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Publishes checkpoints and drops old ones. Used by one thread at a time: the one that opens the
 * region, then the checkpointer.
 *
 * <p>Order: the checkpoint's file, the manifest, the superblock, each durable before the next; then
 * what nothing refers to is deleted. A crash in between leaves the manifest as it was or as it is.
 */
final class CheckpointStore {
  private final RegionFiles files;
  private final MappingManager mappings;
  private final ReaderLeases leases;
  private final int retain;
  private final long created;
  private final UUID region;
  private ManifestLayout manifest;
  private long superSequence;
  // Replaced, never changed: read under the region's lock while a checkpoint is being made.
  private volatile long[] retained;

  CheckpointStore(
      RegionFiles files, MappingManager mappings, ReaderLeases leases, int retain,
      SuperblockLayout superblock, ManifestLayout manifest) {
    this.files = files;
    this.mappings = mappings;
    this.leases = leases;
    this.retain = retain;
    this.created = superblock.created();
    this.region = superblock.region();
    this.superSequence = superblock.sequence();
    this.manifest = manifest;
    this.retained = sequences(manifest.entries());
  }

  /** The checkpoints that are kept: retained by number, or leased by a reader. */
  long[] retained() {
    return retained;
  }

  ManifestLayout manifest() {
    return manifest;
  }

  /**
   * Under the region's lock, at the moment the table is frozen: what that checkpoint holds is held
   * back from now on, long before the manifest names it. Ends when a checkpoint was published; after
   * a failure the next one ends it, as nobody knows which manifest is on the disk.
   */
  void beginning(long sequence) {
    long[] with = Arrays.copyOf(retained, retained.length + 1);
    with[with.length - 1] = sequence;
    retained = with;
  }

  /** Writes a checkpoint and makes it the latest. On failure the one before stays the latest. */
  void publish(CheckpointLayout header, TablePage[] pages) throws IOException {
    int crc = CheckpointFile.write(files, header, pages);
    List<ManifestLayout.Entry> entries = new ArrayList<>(manifest.entries());
    entries.add(
        new ManifestLayout.Entry(header.sequence(), header.firstLog(), header.data(), crc));
    List<ManifestLayout.Entry> kept = withoutExpired(entries);
    writeManifest(kept);
    // A reader may have taken a lease between the question above and the new manifest, having seen
    // the old one. It looks at the manifest again after that, and so do we at its lease.
    List<ManifestLayout.Entry> late = new ArrayList<>();
    for (ManifestLayout.Entry entry : entries) {
      if (kept.contains(entry) || leases.leased(entry.checkpoint())) {
        late.add(entry);
      }
    }
    if (late.size() > kept.size()) {
      writeManifest(late);
    }
    Superblocks.write(
        files, new SuperblockLayout(region, superSequence + 1, header.sequence(), created));
    superSequence++;
    // Only now: a lease found late must have been held back all the time.
    retained = sequences(manifest.entries());
    collectGarbage();
  }

  private List<ManifestLayout.Entry> withoutExpired(List<ManifestLayout.Entry> entries)
      throws IOException {
    List<ManifestLayout.Entry> kept = new ArrayList<>();
    int expired = entries.size() - retain;
    for (int i = 0; i < entries.size(); i++) {
      if (i >= expired || leases.leased(entries.get(i).checkpoint())) {
        kept.add(entries.get(i));
      }
    }
    return kept;
  }

  private void writeManifest(List<ManifestLayout.Entry> entries) throws IOException {
    ManifestLayout next =
        new ManifestLayout(region, manifest.sequence() + 1, List.copyOf(entries));
    files.replace(files.manifest(), next.encode());
    manifest = next;
  }

  /** Deletes checkpoints, logs and data files that no entry of the manifest refers to. */
  void collectGarbage() throws IOException {
    long firstLog =
        manifest.entries().stream().mapToLong(ManifestLayout.Entry::firstLog).min().orElseThrow();
    for (long number : files.numbers("log")) {
      if (number < firstLog) {
        delete(files.log(number));
      }
    }
    for (long number : files.numbers("checkpoint")) {
      if (manifest.entries().stream().noneMatch(e -> e.checkpoint() == number)) {
        delete(files.checkpoint(number));
      }
    }
    for (long number : files.numbers("data")) {
      if (manifest.entries().stream().noneMatch(e -> e.data() == number)) {
        delete(files.data(number));
      }
    }
  }

  private void delete(Path path) throws IOException {
    mappings.release(path);
    Files.deleteIfExists(path);
  }

  private static long[] sequences(List<ManifestLayout.Entry> entries) {
    return entries.stream().mapToLong(ManifestLayout.Entry::checkpoint).toArray();
  }
}
