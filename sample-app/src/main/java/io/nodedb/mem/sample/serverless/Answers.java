package io.nodedb.mem.sample.serverless;

import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.OverflowView;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.timeseries.StoredSeries;
import io.nodedb.mem.sample.vector.StoredVectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a region holds, and the questions put to it: the texts nearest to a few others, the summary of
 * each series. What is where is in a slot of its own, written last.
 */
final class Answers implements AutoCloseable {
  private static final String CATALOG = "catalog";
  private static final int NEAREST = 10;
  private static final List<String> TEXTS =
      List.of(
          "the budget of the European Union",
          "fisheries policy and the common market",
          "human rights in the candidate countries",
          "I declare the session adjourned",
          "reform of the agricultural subsidies",
          "energy prices and the environment",
          "the vote will take place tomorrow",
          "a report on the information society");

  private final StoredVectors vectors;
  private final StoredSeries series;

  private Answers(StoredVectors vectors, StoredSeries series) {
    this.vectors = vectors;
    this.series = series;
  }

  /** Fills a region. */
  static Answers write(OverflowRegion region, Corpus corpus, long points) throws IOException {
    Answers made =
        new Answers(StoredVectors.build(corpus, region), StoredSeries.write(points, region));
    ByteArrayOutputStream catalog = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(catalog);
    made.vectors.describe(out);
    made.series.describe(out);
    region.write(catalog.toByteArray(), CATALOG);
    return made;
  }

  /** Finds its way in a region that was filled. */
  static Answers open(OverflowRegion region) throws IOException {
    long slot = region.slots(CATALOG).findFirst().orElseThrow();
    byte[] catalog;
    try (OverflowView view = region.read(slot)) {
      catalog = view.segment().toArray(ValueLayout.JAVA_BYTE);
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(catalog));
    return new Answers(StoredVectors.open(in, region), StoredSeries.open(in, region));
  }

  /** The first question's answer. */
  int[] first() throws IOException {
    return vectors.nearest(TEXTS.getFirst(), NEAREST);
  }

  /** All answers, as one checksum. */
  int all() throws IOException {
    CRC32C crc = new CRC32C();
    for (String text : TEXTS) {
      for (int found : vectors.nearest(text, NEAREST)) {
        crc.update(found);
        crc.update(found >>> 8);
      }
    }
    ByteBuffer buffer = ByteBuffer.allocate(4 * Long.BYTES);
    for (StoredSeries.Summary each : series.summaries()) {
      buffer.clear().putLong(each.points()).putDouble(each.least()).putDouble(each.most())
          .putDouble(each.sum());
      crc.update(buffer.flip());
    }
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    vectors.close();
  }
}
