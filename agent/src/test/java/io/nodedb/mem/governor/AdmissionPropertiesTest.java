package io.nodedb.mem.governor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.BudgetExceededException;
import io.nodedb.mem.EngineSnapshot;
import io.nodedb.mem.Reservation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random sequences of every operation, against a model of plain sums. */
class AdmissionPropertiesTest {
  private static final String[] NAMES = {"a", "b", "c"};

  private enum Kind {
    RESERVE,
    TRY,
    CLOSE,
    RESIZE,
    TRANSFER,
    LIMIT,
    ADMIT_HEAP,
    RELEASE_HEAP,
    CHARGE,
    RELEASE
  }

  private record Op(Kind kind, int engine, int pick, long bytes) {}

  @Provide
  Arbitrary<List<Op>> small() {
    return ops(Arbitraries.longs().between(0, 80));
  }

  @Provide
  Arbitrary<List<Op>> large() {
    return ops(Arbitraries.longs().between(0, 40L << 20));
  }

  private static Arbitrary<List<Op>> ops(Arbitrary<Long> bytes) {
    Arbitrary<Long> amounts =
        Arbitraries.frequencyOf(
            Tuple.of(20, bytes),
            Tuple.of(
                1, Arbitraries.of(0L, 1L, Long.MAX_VALUE, Long.MAX_VALUE - 1, 1L << 50)));
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 1000),
            amounts)
        .as(Op::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(120);
  }

  @Property(tries = 300)
  void countersFollowTheModelWithoutLeases(@ForAll("small") List<Op> ops) {
    new Model(200, 150, 100).run(ops);
  }

  @Property(tries = 300)
  void countersFollowTheModelWithLeases(@ForAll("large") List<Op> ops) {
    new Model(200L << 20, 150L << 20, 64L << 20).run(ops);
  }

  private static final class Held {
    final Reservation reservation;
    int engine;
    long bytes;

    Held(Reservation reservation, int engine, long bytes) {
      this.reservation = reservation;
      this.engine = engine;
      this.bytes = bytes;
    }
  }

  /** What should be so, and the governor where it is compared. */
  private static final class Model {
    final long ceiling;
    final long heapCeiling;
    final long[] limit;
    final long[] reserved = new long[3];
    final long[] charged = new long[3];
    final long[] heap = new long[3];
    final long[] overReleases = new long[3];
    final List<Held> held = new ArrayList<>();
    final Governor governor;

    Model(long ceiling, long heapCeiling, long limit) {
      this.ceiling = ceiling;
      this.heapCeiling = heapCeiling;
      this.limit = new long[] {limit, limit / 2, limit / 4};
      Given given = Given.ceiling(ceiling).heapCeiling(heapCeiling);
      for (int i = 0; i < 3; i++) {
        given.engine(NAMES[i], this.limit[i]);
      }
      governor = given.governor();
    }

    void run(List<Op> ops) {
      for (Op op : ops) {
        apply(op);
        compare();
      }
      held.forEach(h -> h.reservation.close());
      held.clear();
      for (int i = 0; i < 3; i++) {
        governor.engine(NAMES[i]).release(LedgerKind.HEAP, heap[i]);
        governor.release(NAMES[i], charged[i]);
        reserved[i] = 0;
        heap[i] = 0;
        charged[i] = 0;
      }
      compare();
      for (Engine each : governor.engines()) {
        each.leases.pause();
        assertThat(each.budget.used()).isZero();
        assertThat(each.used(LedgerKind.RESERVED)).isZero();
      }
      assertThat(governor.totals().used()).isZero();
      assertThat(governor.totals().heapUsed()).isZero();
      governor.stop();
    }

    private void apply(Op op) {
      int e = op.engine();
      switch (op.kind()) {
        case RESERVE -> reserve(e, op.bytes());
        case TRY -> tryReserve(e, op.bytes());
        case CLOSE -> close(op);
        case RESIZE -> resize(op);
        case TRANSFER -> transfer(op);
        case LIMIT -> limit(e, op.bytes());
        case ADMIT_HEAP -> admitHeap(e, op.bytes());
        case RELEASE_HEAP -> {
          governor.engine(NAMES[e]).release(LedgerKind.HEAP, op.bytes());
          overReleases[e] += op.bytes() > heap[e] ? 1 : 0;
          heap[e] -= Math.min(heap[e], op.bytes());
        }
        case CHARGE -> {
          // Unconditional: kept small here, it may pass every bound.
          long bytes = op.bytes() % (limit[0] / 8 + 1);
          governor.charge(NAMES[e], bytes);
          charged[e] += bytes;
        }
        case RELEASE -> {
          governor.release(NAMES[e], op.bytes());
          overReleases[e] += op.bytes() > charged[e] ? 1 : 0;
          charged[e] -= Math.min(charged[e], op.bytes());
        }
      }
    }

    private void reserve(int e, long bytes) {
      boolean fits = fits(e, bytes);
      try {
        held.add(new Held(governor.reserve(NAMES[e], bytes), e, bytes));
        assertThat(fits).as("granted").isTrue();
        reserved[e] += bytes;
      } catch (BudgetExceededException refused) {
        assertThat(fits).as("refused: %s", refused.getMessage()).isFalse();
        assertThat(refused.requested()).isEqualTo(bytes);
        assertThat(refused.available()).isLessThan(bytes);
      }
    }

    private void tryReserve(int e, long bytes) {
      boolean fits = fits(e, bytes);
      Optional<Reservation> made = governor.tryReserve(NAMES[e], bytes);
      assertThat(made.isPresent()).isEqualTo(fits);
      if (fits) {
        held.add(new Held(made.get(), e, bytes));
        reserved[e] += bytes;
      }
    }

    private void close(Op op) {
      if (!held.isEmpty()) {
        Held h = held.remove(op.pick() % held.size());
        h.reservation.close();
        h.reservation.close();
        assertThat(h.reservation.bytes()).isZero();
        reserved[h.engine] -= h.bytes;
      }
    }

    private void resize(Op op) {
      if (held.isEmpty()) {
        return;
      }
      Held h = held.get(op.pick() % held.size());
      long more = op.bytes() - h.bytes;
      boolean fits = more <= 0 || fits(h.engine, more);
      try {
        h.reservation.resize(op.bytes());
        assertThat(fits).as("granted").isTrue();
        reserved[h.engine] += more;
        h.bytes = op.bytes();
      } catch (BudgetExceededException refused) {
        assertThat(fits).as("refused: %s", refused.getMessage()).isFalse();
      }
      assertThat(h.reservation.bytes()).isEqualTo(h.bytes);
    }

    private void transfer(Op op) {
      if (held.isEmpty()) {
        return;
      }
      Held h = held.get(op.pick() % held.size());
      int to = op.engine();
      boolean fits = to == h.engine || h.bytes == 0 || h.bytes <= limit[to] - used(to);
      try {
        h.reservation.transferTo(NAMES[to]);
        assertThat(fits).as("granted").isTrue();
        reserved[h.engine] -= h.bytes;
        reserved[to] += h.bytes;
        h.engine = to;
      } catch (BudgetExceededException refused) {
        assertThat(fits).as("refused: %s", refused.getMessage()).isFalse();
      }
      assertThat(h.reservation.engine()).isEqualTo(NAMES[h.engine]);
    }

    private void limit(int e, long bytes) {
      long others = limit[0] + limit[1] + limit[2] - limit[e];
      boolean may = bytes <= ceiling - others && (bytes >= limit[e] || bytes >= used(e));
      try {
        governor.setLimit(NAMES[e], bytes);
        assertThat(may).as("limit changed").isTrue();
        limit[e] = bytes;
      } catch (IllegalArgumentException refused) {
        assertThat(may).as("limit refused: %s", refused.getMessage()).isFalse();
      }
    }

    private void admitHeap(int e, long bytes) {
      boolean fits = fits(e, bytes) && (bytes == 0 || bytes <= heapCeiling - sum(heap));
      assertThat(governor.engine(NAMES[e]).tryAdmit(LedgerKind.HEAP, bytes)).isEqualTo(fits);
      heap[e] += fits ? bytes : 0;
    }

    private boolean fits(int e, long bytes) {
      return bytes == 0 || (bytes <= limit[e] - used(e) && bytes <= ceiling - total());
    }

    private long used(int e) {
      return reserved[e] + charged[e] + heap[e];
    }

    private long total() {
      return used(0) + used(1) + used(2);
    }

    private static long sum(long[] all) {
      return all[0] + all[1] + all[2];
    }

    private void compare() {
      assertThat(governor.usedNow()).isEqualTo(total());
      assertThat(governor.totals().heapUsed()).isEqualTo(sum(heap));
      for (int i = 0; i < 3; i++) {
        EngineSnapshot s = governor.engine(NAMES[i]).snapshot();
        assertThat(s.used()).isEqualTo(used(i));
        assertThat(s.heap()).isEqualTo(heap[i]);
        assertThat(s.reserved()).isEqualTo(reserved[i] + charged[i]);
        assertThat(s.limit()).isEqualTo(limit[i]);
        assertThat(s.overReleases()).isEqualTo(overReleases[i]);
        assertThat(s.peak()).isGreaterThanOrEqualTo(s.used());
      }
    }
  }
}
