package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where every opening starts: the newest superblock and the manifest, checked against each other.
 *
 * @param superblock the newest superblock that checks
 * @param manifest the manifest
 */
record RegionHead(SuperblockLayout superblock, ManifestLayout manifest) {
  /** Bytes read to get here, at most. */
  static final int MOST =
      ManifestLayout.HEADER_SIZE + ManifestLayout.MAX_ENTRIES * ManifestLayout.ENTRY_SIZE;

  /** Whether the directory holds a region, whole or damaged; false: a new one may be made here. */
  static boolean exists(RegionFiles files) throws IOException {
    if (!Files.isDirectory(files.directory)) {
      return false;
    }
    if (!Files.exists(files.superblock())) {
      if (Files.exists(files.manifest())
          || !files.numbers("data").isEmpty()
          || !files.numbers("checkpoint").isEmpty()
          || !files.numbers("log").isEmpty()) {
        throw new DamageException(files.superblock(), 0, "the file is missing");
      }
      return false;
    }
    // Creation writes the superblock first and names checkpoint 1 in it last: without a manifest
    // and a checkpoint it stopped in between, and nothing was ever acknowledged.
    return Files.exists(files.manifest()) || Superblocks.newest(files).checkpoint() > 0;
  }

  static RegionHead read(RegionFiles files) throws IOException {
    SuperblockLayout superblock = Superblocks.newest(files);
    Path path = files.manifest();
    ManifestLayout manifest = ManifestLayout.decode(files.read(path, MOST + 1), path);
    if (!manifest.region().equals(superblock.region())) {
      throw new DamageException(
          path, ManifestLayout.REGION_OFFSET,
          "manifest is of region " + manifest.region() + ", the superblock of region "
              + superblock.region());
    }
    if (manifest.latest().checkpoint() < superblock.checkpoint()) {
      throw new DamageException(
          path, ManifestLayout.HEADER_SIZE,
          "manifest ends at checkpoint " + manifest.latest().checkpoint()
              + ", the superblock knows checkpoint " + superblock.checkpoint());
    }
    return new RegionHead(superblock, manifest);
  }

  /** Bytes that reading it took. */
  long bytes() {
    return (long) SuperblockLayout.SIZE * SuperblockLayout.PLACES
        + ManifestLayout.HEADER_SIZE
        + (long) manifest.entries().size() * ManifestLayout.ENTRY_SIZE;
  }
}
