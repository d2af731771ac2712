package io.nodedb.mem.sample.vector;

import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.data.Embeddings;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Texts' vectors whose index is in an overflow region. Thread-safe. */
public final class StoredVectors implements AutoCloseable {
  private final HnswIndex index;
  private final RegionDirectory directory;

  private StoredVectors(HnswIndex index, RegionDirectory directory) {
    this.index = index;
    this.directory = directory;
  }

  /**
   * Builds the index of a corpus.
   *
   * @param corpus the texts
   * @param region where to put it
   * @return the index
   * @throws IOException if Lucene fails
   */
  public static StoredVectors build(Corpus corpus, OverflowRegion region) throws IOException {
    HnswIndex index = HnswIndex.build(VectorSet.of(corpus).vectors(), region);
    return new StoredVectors(index, (RegionDirectory) index.directory());
  }

  /**
   * Opens an index.
   *
   * @param catalog what {@link #describe} wrote
   * @param region where it is
   * @return the index
   * @throws IOException if Lucene fails
   */
  public static StoredVectors open(DataInput catalog, OverflowRegion region) throws IOException {
    Map<String, RegionDirectory.Entry> files = new TreeMap<>();
    for (int left = catalog.readInt(); left > 0; left--) {
      files.put(
          catalog.readUTF(), new RegionDirectory.Entry(catalog.readLong(), catalog.readLong()));
    }
    RegionDirectory directory = new RegionDirectory(region, files);
    return new StoredVectors(HnswIndex.open(directory), directory);
  }

  /**
   * Writes what {@link #open} needs.
   *
   * @param catalog where to
   * @throws IOException if that fails
   */
  public void describe(DataOutput catalog) throws IOException {
    catalog.writeInt(directory.files().size());
    for (Map.Entry<String, RegionDirectory.Entry> file : directory.files().entrySet()) {
      catalog.writeUTF(file.getKey());
      catalog.writeLong(file.getValue().slot());
      catalog.writeLong(file.getValue().size());
    }
  }

  /**
   * The texts nearest to another text.
   *
   * @param text any text
   * @param k how many
   * @return their numbers, nearest first
   * @throws IOException if Lucene fails
   */
  public int[] nearest(String text, int k) throws IOException {
    return index.search(Embeddings.of(text), k);
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
