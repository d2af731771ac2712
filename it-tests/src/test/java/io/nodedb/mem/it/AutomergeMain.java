package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.MemoryGovernor;
import java.util.ArrayList;
import java.util.List;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.ObjectType;
import org.automerge.Transaction;

/** Documents of a JNI library in Rust, which knows nothing of budgets. */
final class AutomergeMain {
  private static final int SPLICES = 40_000;
  private static final int MOST_DOCUMENTS = 40;

  private AutomergeMain() {}

  /** The engine, pinned to its arena while it works. */
  static final class Engine {
    private Engine() {}

    @EngineBudget(value = "crdt", pinArena = true)
    static Document write() {
      Document document = new Document();
      try (Transaction transaction = document.startTransaction()) {
        ObjectId text = transaction.set(ObjectId.ROOT, "text", ObjectType.TEXT);
        for (int i = 0; i < SPLICES; i++) {
          transaction.spliceText(text, (i * 31L) % (i + 1), 0, "word ");
        }
        transaction.commit();
      }
      return document;
    }

    @EngineBudget(value = "crdt", pinArena = true)
    static void free(Document document) {
      document.free();
    }

    @EngineBudget(value = "crdt", pinArena = true)
    static int arena() {
      return MemoryGovernor.get().nativeMemory().currentArena().orElse(-1);
    }
  }

  public static void main(String[] args) {
    int arena = Engine.arena();
    say("pinned", arena);
    say("outside", MemoryGovernor.get().nativeMemory().currentArena().orElse(-1));
    // The library loads, and makes what it keeps for good.
    Engine.free(Engine.write());
    long idle = used();
    long idleOfJemalloc = JemallocFigures.allocated(arena);
    Document document = Engine.write();
    say("grown", used() - idle);
    say("jemalloc", JemallocFigures.allocated(arena) - idleOfJemalloc);
    Engine.free(document);
    say("left", used() - idle);
    overLimit();
  }

  private static void overLimit() {
    List<Document> documents = new ArrayList<>();
    try {
      while (documents.size() < MOST_DOCUMENTS) {
        documents.add(Engine.write());
        used();
      }
    } catch (BudgetExceededException e) {
      say("refused", e.getMessage());
      say("documents", documents.size());
    }
    documents.forEach(Document::free);
    used();
    try {
      say("afterRefusal", Engine.arena() == -1 ? "not pinned" : "entered");
    } catch (BudgetExceededException e) {
      say("afterRefusal", e.getMessage());
    }
  }

  /** The snapshot brings the ledger up to date. */
  private static long used() {
    return MemoryGovernor.get().snapshot("crdt").nativeBytes();
  }

  private static void say(String key, Object value) {
    System.out.println(key + "=" + value);
  }
}
