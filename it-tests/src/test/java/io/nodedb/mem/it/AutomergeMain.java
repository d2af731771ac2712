package io.nodedb.mem.it;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineBudget;
import io.nodedb.mem.MemoryGovernor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.ObjectType;
import org.automerge.Transaction;

/** Documents of a JNI library in Rust, which knows nothing of budgets. */
final class AutomergeMain {
  private static final int SPLICES = 40_000;
  private static final int MOST_DOCUMENTS = 40;

  /** Beans are registered a moment after the start. */
  private static final int PATIENCE = 6_000;

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

  public static void main(String[] args) throws Exception {
    int arena = Engine.arena();
    say("pinned", arena);
    say("outside", MemoryGovernor.get().nativeMemory().currentArena().orElse(-1));
    // The library loads, and makes what it keeps for good.
    Engine.free(Engine.write());
    long idle = used();
    long idleOfJemalloc = JemallocFigures.allocated(arena);
    Document document = Engine.write();
    say("grown", used() - idle);
    beans(arena);
    say("jemalloc", JemallocFigures.allocated(arena) - idleOfJemalloc);
    Engine.free(document);
    say("left", used() - idle);
    overLimit();
  }

  /** What a console shows while the document is there. */
  private static void beans(int arena) throws Exception {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    ObjectName process = new ObjectName("io.nodedb.mem:type=NativeMemory");
    ObjectName engine = new ObjectName("io.nodedb.mem:type=EngineNative,engine=crdt");
    for (int i = 0; i < PATIENCE && !server.isRegistered(engine); i++) {
      LockSupport.parkNanos(10_000_000);
    }
    say("allocator", server.getAttribute(process, "Allocator"));
    say("external", server.getAttribute(engine, "External"));
    int[] arenas = (int[]) server.getAttribute(engine, "Arenas");
    say("arenaIsShown", Arrays.stream(arenas).anyMatch(shown -> shown == arena));
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
