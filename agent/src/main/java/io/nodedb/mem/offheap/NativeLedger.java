package io.nodedb.mem.offheap;

import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.HeldAhead;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntUnaryOperator;

/**
 * One engine's native bytes. Thread-safe.
 *
 * <p>Small amounts are served from what the thread's {@link ThreadCell} holds ahead: one CAS on a
 * word of its own (about 3 ns) where the account's two counters would cost 10 and, with two threads,
 * ten times that. What cells hold is recalled before anything is refused, and not held at all near a
 * bound. {@code granted} counts what the account has admitted; less what is held, that is what is in
 * use, exactly, whenever nobody is in the middle of a call.
 */
final class NativeLedger implements HeldAhead {
  private static final int VIRTUAL_CELLS = 16;

  private final Account account;
  private final Admission admission;
  private final NativeHeap heap;

  /** The engine's arena for new memory of a NUMA node. */
  private final IntUnaryOperator arenaOfNode;

  private final AtomicLong granted = new AtomicLong();
  private final AtomicLong external = new AtomicLong();
  private final List<ThreadCell> cells = new CopyOnWriteArrayList<>();
  private final AtomicReferenceArray<ThreadCell> virtualCells =
      new AtomicReferenceArray<>(VIRTUAL_CELLS);
  private final ThreadLocal<ThreadCell> mine = ThreadLocal.withInitial(this::newCell);

  NativeLedger(
      Account account, Admission admission, NativeHeap heap, IntUnaryOperator arenaOfNode) {
    this.account = account;
    this.admission = admission;
    this.heap = heap;
    this.arenaOfNode = arenaOfNode;
    account.nativeHeldAhead(this);
  }

  String engine() {
    return account.engine();
  }

  NativeHeap heap() {
    return heap;
  }

  /** The current thread's cell. */
  ThreadCell cell() {
    Thread thread = Thread.currentThread();
    return thread.isVirtual() ? virtualCell(thread) : mine.get();
  }

  /** Charges bytes about to be allocated; throws what {@link Account#admit} throws. */
  void admit(ThreadCell cell, long bytes) {
    if (!cell.take(bytes)) {
      admitSlowly(cell, bytes);
    }
  }

  /** Gives bytes back. */
  void release(ThreadCell cell, long bytes) {
    if (!cell.keep(bytes)) {
      toAccount(cell.give(bytes));
    }
  }

  /** As {@link #admit(ThreadCell, long)}, for any ledger and amounts that come one by one. */
  void admit(LedgerKind kind, long bytes) {
    if (kind == LedgerKind.NATIVE) {
      admit(cell(), bytes);
    } else {
      admitNow(kind, bytes);
    }
  }

  /** Undoes {@link #admit(LedgerKind, long)}. */
  void release(LedgerKind kind, long bytes) {
    if (kind == LedgerKind.NATIVE) {
      release(cell(), bytes);
    } else {
      account.release(kind, bytes);
    }
  }

  /** Bytes charged by calls. */
  long charged() {
    return granted.get() - unspent();
  }

  /** Bytes of pinned threads that no call charged. */
  long external() {
    return external.get();
  }

  /** States how much memory of pinned threads no call charged. One caller at a time. */
  void external(long bytes) {
    long before = external.getAndSet(bytes);
    if (bytes > before) {
      account.charge(LedgerKind.NATIVE, bytes - before);
    } else if (bytes < before) {
      account.release(LedgerKind.NATIVE, before - bytes);
    }
  }

  @Override
  public long unspent() {
    long sum = 0;
    for (ThreadCell cell : cells) {
      sum += cell.unspent();
    }
    return sum;
  }

  @Override
  public void recall() {
    for (ThreadCell cell : cells) {
      toAccount(cell.close());
    }
  }

  /** Gives up the cells of threads that ended. */
  void sweep() {
    for (ThreadCell cell : cells) {
      if (cell.ownerIsGone() && cells.remove(cell)) {
        toAccount(cell.close());
        cell.magazine.empty(heap, cell.place);
        if (cell.cache >= 0) {
          heap.dropCache(cell.cache);
        }
      }
    }
  }

  /** Makes the current thread allocate on its present NUMA node. */
  void moved() {
    if (!Thread.currentThread().isVirtual()) {
      ThreadCell cell = mine.get();
      cell.magazine.empty(heap, cell.place);
      cell.place = heap.place(arenaOfNode.applyAsInt(ThreadNode.current()), cell.cache);
    }
  }

  private void admitSlowly(ThreadCell cell, long bytes) {
    while (cell.unspent() >= bytes) {
      // Somebody else, with whom the cell is shared, was faster.
      if (cell.take(bytes)) {
        return;
      }
    }
    long ahead = account.mayHoldAhead();
    if (bytes < ahead && account.tryAdmit(LedgerKind.NATIVE, bytes + ahead)) {
      granted.addAndGet(bytes + ahead);
      cell.grant(ahead);
      if (account.mayHoldAhead() == 0) {
        // Recalled between the question and the grant: somebody may be waiting for these bytes.
        toAccount(cell.close());
      }
    } else {
      admitNow(LedgerKind.NATIVE, bytes);
      granted.addAndGet(bytes);
    }
  }

  private void admitNow(LedgerKind kind, long bytes) {
    if (!account.tryAdmit(kind, bytes)) {
      admission.admit(account, kind, bytes);
    }
  }

  private void toAccount(long bytes) {
    if (bytes != 0) {
      granted.addAndGet(-bytes);
      account.release(LedgerKind.NATIVE, bytes);
    }
  }

  private ThreadCell newCell() {
    sweep();
    int cache = heap.newCache();
    int arena = arenaOfNode.applyAsInt(ThreadNode.current());
    ThreadCell cell = new ThreadCell(Thread.currentThread(), cache, heap.place(arena, cache));
    cells.add(cell);
    return cell;
  }

  private ThreadCell virtualCell(Thread thread) {
    int stripe = (int) thread.threadId() & (VIRTUAL_CELLS - 1);
    ThreadCell cell = virtualCells.get(stripe);
    if (cell == null) {
      ThreadCell fresh = new ThreadCell(null, -1, heap.place(arenaOfNode.applyAsInt(0), -1));
      cell = virtualCells.compareAndExchange(stripe, null, fresh);
      if (cell == null) {
        cells.add(fresh);
        return fresh;
      }
    }
    return cell;
  }
}
