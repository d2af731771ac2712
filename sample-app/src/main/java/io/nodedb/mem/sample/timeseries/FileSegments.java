package io.nodedb.mem.sample.timeseries;

import io.nodedb.mem.sample.timeseries.SegmentFormat.Visitor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Segments in a file each: where there is no agent. */
final class FileSegments implements Segments {
  private final Path directory;
  private int made;

  FileSegments(Path directory) {
    this.directory = directory;
  }

  @Override
  public Segment write(Memtable table, Pace pace) throws IOException {
    Path file = directory.resolve(String.format("%08d.seg", made++));
    try (FileChannel channel = FileChannel.open(
        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      SegmentFormat.write(table, block -> {
        int bytes = block.remaining();
        while (block.hasRemaining()) {
          channel.write(block);
        }
        pace.wrote(bytes);
      });
      channel.force(false);
    }
    return new Segment() {
      @Override
      public void read(Visitor visitor) throws IOException {
        SegmentFormat.read(
            file,
            new BufferedInputStream(Files.newInputStream(file), SegmentFormat.BLOCK),
            visitor);
      }

      @Override
      public void delete() throws IOException {
        Files.delete(file);
      }
    };
  }

  @Override
  public void close() {}
}
