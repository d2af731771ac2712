package io.nodedb.mem.sample.vector;

import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.OverflowRegion;
import io.nodedb.mem.sample.data.Corpus;
import io.nodedb.mem.sample.data.Embeddings;
import io.nodedb.mem.sample.engine.Engine;
import io.nodedb.mem.sample.engine.WrongAnswerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds the ten nearest vectors. One answer in sixteen is compared with the truth while the clients
 * run, {@link #verify} compares a hundred more; the mean recall has to be {@link #LEAST_RECALL}.
 */
public final class VectorEngine implements Engine {
  private static final int K = 10;
  private static final double LEAST_RECALL = 0.9;
  private static final int CHECK_ONE_IN = 16;
  private static final int FINAL_CHECKS = 100;

  private final Corpus corpus;
  private final Path data;
  private final Path segments;
  private final List<Searched> indexes = new ArrayList<>();
  private final DoubleAdder recallSum = new DoubleAdder();
  private final LongAdder checked = new LongAdder();

  private OverflowRegion region;

  /** A set of vectors and the index over it. */
  private record Searched(VectorSet set, HnswIndex index) {}

  /**
   * Makes one without data.
   *
   * @param corpus the texts to find
   * @param data a directory with vector files, or null
   * @param segments an empty directory: with the agent the overflow region of the indexes' files,
   *     which are on the heap without
   */
  public VectorEngine(Corpus corpus, Path data, Path segments) {
    this.corpus = corpus;
    this.data = data;
    this.segments = segments;
  }

  @Override
  public String name() {
    return Engines.VECTOR;
  }

  @Override
  @EngineBudget(Engines.VECTOR)
  public void load() throws IOException {
    MemoryGovernor governor = MemoryGovernor.get();
    if (governor.active()) {
      region = governor.openOverflow(Engines.VECTOR, segments, governor.overflowOptions());
    }
    add(VectorSet.of(corpus));
    if (data != null) {
      for (VectorSet set : VectorSet.in(data)) {
        add(set);
      }
    }
  }

  private void add(VectorSet set) throws IOException {
    indexes.add(new Searched(set, HnswIndex.build(set.vectors(), region)));
  }

  /** One byte for the index, then the coordinates. */
  @Override
  public byte[] request(SplittableRandom random) {
    int index = random.nextInt(indexes.size());
    List<float[]> vectors = indexes.get(index).set().vectors();
    float[] query = vectors.get(random.nextInt(vectors.size()));
    if (index == 0) {
      query = Embeddings.near(query, 0.3, random);
    }
    ByteBuffer request = ByteBuffer.allocate(1 + query.length * Float.BYTES);
    request.put((byte) index).asFloatBuffer().put(query);
    return request.array();
  }

  @Override
  @EngineBudget(Engines.VECTOR)
  public void execute(byte[] request) throws IOException, WrongAnswerException {
    Searched index = indexes.get(request[0]);
    float[] query = new float[index.set().dimension()];
    ByteBuffer.wrap(request, 1, request.length - 1).slice().asFloatBuffer().get(query);
    int[] found = index.index().search(query, K);
    if (found.length != K) {
      throw new WrongAnswerException(
          "vector: " + found.length + " neighbours in " + index.set().name() + ", not " + K);
    }
    if (request[request.length - 1] % CHECK_ONE_IN == 0) {
      check(index, query, found);
    }
  }

  @Override
  @EngineBudget(Engines.VECTOR)
  public String verify() throws IOException, WrongAnswerException {
    SplittableRandom random = new SplittableRandom(42);
    for (Searched index : indexes) {
      List<float[]> vectors = index.set().vectors();
      for (int i = 0; i < FINAL_CHECKS; i++) {
        float[] query = vectors.get(random.nextInt(vectors.size()));
        check(index, query, index.index().search(query, K));
      }
    }
    double recall = recallSum.sum() / checked.sum();
    if (recall < LEAST_RECALL) {
      throw new WrongAnswerException(String.format(Locale.ROOT,
          "vector: recall@%d is %.3f over %d queries (expected: %.2f or more)",
          K, recall, checked.sum(), LEAST_RECALL));
    }
    return String.format(Locale.ROOT,
        "recall@%d %.3f over %d queries against brute force", K, recall, checked.sum());
  }

  private void check(Searched index, float[] query, int[] found) {
    recallSum.add(
        Neighbours.recall(Neighbours.nearest(index.set().vectors(), query, K), found));
    checked.increment();
  }

  @Override
  public void close() throws IOException {
    for (Searched each : indexes) {
      each.index().close();
    }
    indexes.clear();
    if (region != null) {
      region.close();
    }
  }
}
