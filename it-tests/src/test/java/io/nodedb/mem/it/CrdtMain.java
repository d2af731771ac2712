package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Engines;
import io.nodedb.mem.MemoryGovernor;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.sample.crdt.CrdtEngine;
import io.nodedb.mem.sample.data.Corpus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** The sample's engine of documents, whose memory is a JNI library's, with nobody but this at it. */
final class CrdtMain {
  private static final long MEGABYTE = 1_000_000;

  /** What the documents grow to. */
  private static final long ENOUGH = 150 * MEGABYTE;

  private static final int TEXTS = 500;
  private static final int EDITS_A_STEP = 200;
  private static final int DOCUMENTS_A_STEP = 10;
  private static final int MOST_STEPS = 100;

  /** Characters of a document that is larger than the engine's limit has room for. */
  private static final int TOO_LONG = 1 << 20;

  private static final SplittableRandom RANDOM = new SplittableRandom(4);

  /** What the governor says the engine has, and what jemalloc says its arenas have. */
  private record Figures(long ledger, long jemalloc) {
    /** Nobody allocates in between. */
    static Figures now() {
      long ledger = engine().nativeBytes();
      NativeSnapshot.EngineFigures shown =
          MemoryGovernor.get().nativeMemory().snapshot().of(Engines.CRDT).orElseThrow();
      return new Figures(
          ledger, shown.arenas().stream().mapToLong(JemallocFigures::allocated).sum());
    }

    Figures since(Figures before) {
      return new Figures(ledger - before.ledger, jemalloc - before.jemalloc);
    }

    @Override
    public String toString() {
      return ledger + "," + jemalloc;
    }
  }

  private CrdtMain() {}

  /** With {@code grow}: documents until they are enough. With {@code overrun}: until too much. */
  public static void main(String[] args) throws Exception {
    Corpus corpus = Corpus.load(TEXTS);
    // The library loads, and makes what it keeps for good.
    try (CrdtEngine first = loaded(corpus)) {
      step(first);
    }
    Figures idle = Figures.now();
    try (CrdtEngine engine = loaded(corpus)) {
      switch (args[0]) {
        case "grow" -> grow(engine, idle);
        case "overrun" -> overrun(engine);
        default -> throw new IllegalArgumentException(args[0]);
      }
      say("verified", engine.verify());
    }
    say("left", Figures.now().since(idle));
  }

  private static void grow(CrdtEngine engine, Figures idle) throws Exception {
    Figures grown = new Figures(0, 0);
    for (int i = 0; i < MOST_STEPS && grown.ledger < ENOUGH; i++) {
      step(engine);
      grown = Figures.now().since(idle);
      say("step", grown);
    }
    say("grown", grown);
  }

  /** One document takes the engine over its limit: who comes next is refused, until there is room. */
  private static void overrun(CrdtEngine engine) throws Exception {
    engine.execute(tooLong(engine));
    say("over", engine().nativeBytes() - engine().limit());
    long rejections = engine().rejections();
    try {
      say("refused", "no: " + engine.verify());
    } catch (BudgetExceededException e) {
      say("refused", e.getMessage());
    }
    say("rejections", engine().rejections() - rejections);
    // The engine's own care for cold documents saves and frees the long one.
    engine.execute(engine.floodRequest(RANDOM));
    say("afterwards", engine().limit() - engine().nativeBytes());
  }

  private static CrdtEngine loaded(Corpus corpus) throws Exception {
    CrdtEngine engine = new CrdtEngine(corpus, null);
    engine.load();
    return engine;
  }

  private static void step(CrdtEngine engine) throws Exception {
    for (int i = 0; i < EDITS_A_STEP; i++) {
      engine.execute(engine.request(RANDOM));
    }
    for (int i = 0; i < DOCUMENTS_A_STEP; i++) {
      engine.execute(engine.floodRequest(RANDOM));
    }
  }

  /** A document of the flood, as {@link CrdtEngine#request} describes it. */
  private static byte[] tooLong(CrdtEngine engine) {
    byte[] text = "and so on ".repeat(TOO_LONG / 10).getBytes(StandardCharsets.UTF_8);
    byte kind = engine.floodRequest(RANDOM)[0];
    return ByteBuffer.allocate(1 + text.length).put(kind).put(text).array();
  }

  private static EngineSnapshot engine() {
    return MemoryGovernor.get().snapshot(Engines.CRDT);
  }

  private static void say(String key, Object value) {
    System.out.println(key + "=" + value);
  }
}
