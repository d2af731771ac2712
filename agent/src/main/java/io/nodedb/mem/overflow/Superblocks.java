package io.nodedb.mem.overflow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the two places of the superblock. Stateless. */
final class Superblocks {
  private Superblocks() {}

  /** Makes the file with two superblocks, numbers 0 and 1, that name no checkpoint. */
  static void create(RegionFiles files, SuperblockLayout first) throws IOException {
    ByteBuffer both = Frame.allocate(SuperblockLayout.SIZE * SuperblockLayout.PLACES);
    for (int i = 0; i < SuperblockLayout.PLACES; i++) {
      both.put(
          i * SuperblockLayout.SIZE,
          new SuperblockLayout(first.region(), i, 0, first.created()).encode().array());
    }
    files.replace(files.superblock(), both);
  }

  /** Writes one to its place, durably. The other place stays what it is. */
  static void write(RegionFiles files, SuperblockLayout block) throws IOException {
    try (FileChannel channel = files.open(files.superblock(), StandardOpenOption.WRITE)) {
      RegionFiles.writeFully(channel, block.encode(), place(block.sequence()));
      channel.force(false);
    }
  }

  /**
   * The newest of the two that checks.
   *
   * @throws DamageException if neither does
   */
  static SuperblockLayout newest(RegionFiles files) throws IOException {
    List<DamageException> damage = new ArrayList<>();
    SuperblockLayout newest = null;
    for (SuperblockLayout block : readAll(files, damage)) {
      if (newest == null || block.sequence() > newest.sequence()) {
        newest = block;
      }
    }
    if (newest == null) {
      DamageException first = damage.getFirst();
      damage.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
    return newest;
  }

  /** All that check; what does not is added to the list. */
  static List<SuperblockLayout> readAll(RegionFiles files, List<DamageException> damage)
      throws IOException {
    Path path = files.superblock();
    List<SuperblockLayout> good = new ArrayList<>();
    try (FileChannel channel = files.open(path, StandardOpenOption.READ)) {
      for (int i = 0; i < SuperblockLayout.PLACES; i++) {
        long at = place(i);
        try {
          ByteBuffer b =
              RegionFiles.readFully(channel, at, SuperblockLayout.SIZE, path, "superblock");
          Frame.check(
              b, SuperblockLayout.MAGIC, SuperblockLayout.VERSION, "superblock", path, at);
          SuperblockLayout block = SuperblockLayout.decode(b);
          if (place(block.sequence()) != at) {
            throw new DamageException(
                path, at, "superblock number " + block.sequence() + " is in the other's place");
          }
          good.add(block);
        } catch (DamageException e) {
          damage.add(e);
        }
      }
    }
    return good;
  }

  private static long place(long sequence) {
    return sequence % SuperblockLayout.PLACES * SuperblockLayout.SIZE;
  }
}
