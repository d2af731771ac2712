package io.nodedb.mem.offheap;

import io.nodedb.mem.BreachMode;
import io.nodedb.mem.config.NativeSettings;
import io.nodedb.mem.config.NativeSettings.LeakDetection;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.Budgets;
import io.nodedb.mem.governor.Engine;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Two engines with real budgets and native memory of their own. */
final class Engines implements AutoCloseable {
  static final int ID = 0;

  record Leak(String engine, long bytes, Throwable made) {}

  final List<String> log = new CopyOnWriteArrayList<>();
  final List<Leak> leaks = new CopyOnWriteArrayList<>();
  final Governor governor;
  final Engine engine;
  final OffheapMemory memory;

  private Engines(long limit, LeakDetection detection) {
    governor =
        Budgets.ceiling(2 * limit)
            .engine("vector", limit)
            .engine("query", limit)
            .problems(log::add)
            .governor();
    engine = governor.engine("vector");
    memory =
        OffheapMemory.start(
            new NativeSettings(Optional.empty(), detection),
            governor.engines(),
            new Admission() {
              @Override
              public void admit(Account account, LedgerKind kind, long bytes) {
                account.admit(kind, bytes);
              }

              @Override
              public void requireRoom(Account account, long bytes) {
                ((Engine) account)
                    .requireRoom(LedgerKind.NATIVE, bytes, bytes, BreachMode.INHERIT);
              }
            },
            (name, work) -> work,
            (name, bytes, made) -> leaks.add(new Leak(name, bytes, made)),
            log::add);
    governor.addRelief(memory.relief());
  }

  static Engines of(long limit) {
    return new Engines(limit, LeakDetection.OFF);
  }

  static Engines of(long limit, LeakDetection detection) {
    return new Engines(limit, detection);
  }

  /** What the engine's native ledger shows. */
  long used() {
    return engine.snapshot().nativeBytes();
  }

  long mapped() {
    return engine.used(LedgerKind.MAPPED);
  }

  /** Collects garbage until what a test dropped is gone. */
  void collectUntil(java.util.function.BooleanSupplier gone) {
    for (int i = 0; i < 200 && !gone.getAsBoolean(); i++) {
      System.gc();
      try {
        memory.ends().await(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
