package io.nodedb.mem.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineScope;
import io.nodedb.mem.MemoryGovernor;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Vector;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Collections of the JDK are refused before they grow past the engine's limit, in code that no rule
 * matches, and go on working: with what they held, then growing again where there is room.
 */
@Execution(ExecutionMode.CONCURRENT)
class GrowthIT {
  private static ChildJvm.Result result;

  @BeforeAll
  static void run() {
    result =
        ChildJvm.running(Child.class)
            .agent(
                "ceiling=700MiB,heap.sampling-interval=64KiB,heap.min-gc-interval=1ms,"
                    + "engines.vector.limit=4MiB,"
                    // A limit that grows with the collection refuses none of them.
                    + "rebalance.enabled=false")
            .jvm("-Xmx512m", "-XX:+UnlockDiagnosticVMOptions", "-XX:+BytecodeVerificationLocal")
            .run();
  }

  @Test
  void childEndsWellAndSaysNothingUnusual() {
    assertThat(result.exit()).as(result.all()).isZero();
    assertThat(result.err()).as(result.all()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ArrayList", "Vector", "ArrayDeque", "ArrayDequeFirst", "PriorityQueue",
        "PriorityBlockingQueue", "HashMap", "HashMapCompute", "LinkedHashMap", "HashSet",
        "ConcurrentHashMap", "IdentityHashMap", "WeakHashMap", "Hashtable", "StringBuilder",
        "StringBuilderWide", "ByteArrayOutputStream", "BitSet", "CopyOnWriteArrayList"
      })
  void growthIsRefusedAndTheCollectionGoesOnWorking(String kind) {
    assertThat(result.value(kind)).as(result.all()).isEqualTo("refused sound grown sound");
  }

  /** Fills one collection after the other. */
  static final class Child {
    private static final int MOST = 1 << 21;
    private static final Integer[] KEYS = new Integer[MOST];

    private Child() {}

    public static void main(String[] args) {
      for (int i = 0; i < MOST; i++) {
        KEYS[i] = i; // Outside every scope: only what the collections allocate is charged.
      }
      List<Integer> list = new ArrayList<>();
      check("ArrayList", i -> list.add(KEYS[i]), list::size, i -> list.get(i) == KEYS[i]);
      list.clear();
      Vector<Integer> vector = new Vector<>();
      check("Vector", i -> vector.add(KEYS[i]), vector::size, i -> vector.get(i) == KEYS[i]);
      ArrayDeque<Integer> last = new ArrayDeque<>();
      check("ArrayDeque", i -> last.addLast(KEYS[i]), last::size, i -> ends(last, 0, i));
      ArrayDeque<Integer> first = new ArrayDeque<>();
      check("ArrayDequeFirst", i -> first.addFirst(KEYS[i]), first::size, i -> ends(first, i, 0));
      PriorityQueue<Integer> heap = new PriorityQueue<>();
      check("PriorityQueue", i -> heap.add(KEYS[i]), heap::size, i -> heap.peek() == KEYS[0]);
      PriorityBlockingQueue<Integer> blocking = new PriorityBlockingQueue<>();
      check(
          "PriorityBlockingQueue",
          i -> blocking.add(KEYS[i]),
          blocking::size,
          i -> blocking.peek() == KEYS[0]);
      maps();
      buffers();
    }

    @SuppressWarnings("identity") // The keys are never collected here.
    private static void maps() {
      check("HashMap", new HashMap<>());
      Map<Integer, Integer> computed = new HashMap<>();
      check(
          "HashMapCompute",
          i -> computed.computeIfAbsent(KEYS[i], k -> k),
          computed::size,
          i -> computed.get(KEYS[i]) == KEYS[i]);
      check("LinkedHashMap", new LinkedHashMap<>());
      HashSet<Integer> set = new HashSet<>();
      check("HashSet", i -> set.add(KEYS[i]), set::size, i -> set.contains(KEYS[i]));
      check("ConcurrentHashMap", new ConcurrentHashMap<>());
      check("IdentityHashMap", new IdentityHashMap<>());
      check("WeakHashMap", new WeakHashMap<>());
      check("Hashtable", new Hashtable<>());
    }

    private static void buffers() {
      StringBuilder text = new StringBuilder();
      check(
          "StringBuilder",
          i -> text.append("1234"),
          () -> text.length() / 4,
          i -> text.charAt(4 * i) == '1');
      StringBuilder wide = new StringBuilder();
      check("StringBuilderWide", i -> wide.append('€'), wide::length, i -> wide.charAt(i) == '€');
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      byte[] four = new byte[4];
      check(
          "ByteArrayOutputStream",
          i -> bytes.write(four, 0, 4),
          () -> bytes.size() / 4,
          i -> bytes.size() % 4 == 0);
      BitSet bits = new BitSet();
      check("BitSet", i -> bits.set(i * 16), bits::cardinality, i -> bits.get(i * 16));
      CopyOnWriteArrayList<Object> copies =
          new CopyOnWriteArrayList<>(new Object[3 << 20]);
      int before = copies.size();
      check(
          "CopyOnWriteArrayList",
          10,
          i -> copies.add(KEYS[i]),
          () -> copies.size() - before,
          i -> copies.get(before + i) == KEYS[i]);
    }

    private static boolean ends(ArrayDeque<Integer> deque, int first, int last) {
      return deque.size() == Math.max(first, last) + 1
          ? deque.peekFirst() == KEYS[first] && deque.peekLast() == KEYS[last]
          : !deque.isEmpty();
    }

    private static void check(String name, Map<Integer, Integer> map) {
      check(name, i -> map.put(KEYS[i], KEYS[i]), map::size, i -> map.get(KEYS[i]) == KEYS[i]);
    }

    private static void check(String name, IntConsumer add, IntSupplier size, IntPredicate has) {
      check(name, Integer.MAX_VALUE, add, size, has);
    }

    /**
     * Adds 0, 1, 2, ... inside a scope until it is refused, looks at the collection, then goes on
     * outside until it has grown to more than twice that.
     */
    private static void check(
        String name, int most, IntConsumer add, IntSupplier size, IntPredicate has) {
      StringBuilder said = new StringBuilder();
      long limit = MemoryGovernor.get().snapshot("vector").limit();
      int next = 0;
      BudgetExceededException refusal = null;
      try (EngineScope _ = EngineScope.open("vector")) {
        for (; next < MOST; next++) {
          add.accept(next);
        }
      } catch (BudgetExceededException e) {
        refusal = e;
      }
      // What lies between two growths, a map's entries, is not checked here.
      long used = MemoryGovernor.get().snapshot("vector").used();
      said.append(refusal == null ? "never" : used <= limit * 2.5 ? "refused" : "late:" + used);
      // As after an OutOfMemoryError, the last one may be in or not.
      int held = size.getAsInt();
      boolean sound = held >= next && held <= next + 1 && all(held, has);
      said.append(sound ? " sound" : " broken:" + held + "/" + next);
      int more = (int) Math.min(Math.min(MOST, most), 2L * held + 1000);
      for (int i = held; i < more; i++) {
        add.accept(i);
      }
      said.append(size.getAsInt() == more ? " grown" : " stuck:" + size.getAsInt());
      said.append(all(more, has) ? " sound" : " broken");
      System.out.println(name + "=" + said);
    }

    private static boolean all(int count, IntPredicate has) {
      for (int i = 0; i < count; i++) {
        if (!has.test(i)) {
          return false;
        }
      }
      return true;
    }
  }
}
