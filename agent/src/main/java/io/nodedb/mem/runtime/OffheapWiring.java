package io.nodedb.mem.runtime;

import io.nodedb.mem.config.NativeSettings;
import io.nodedb.mem.governor.Account;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.LedgerKind;
import io.nodedb.mem.heap.HeapAccounting;
import io.nodedb.mem.heap.ScopedAdmission;
import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.NativeHooks;
import io.nodedb.mem.offheap.Admission;
import io.nodedb.mem.offheap.LazyOffheap;
import io.nodedb.mem.offheap.OffheapMemory;

/** Connects native memory to budgets, hooks and the log. */
final class OffheapWiring {
  private OffheapWiring() {}

  static LazyOffheap prepare(
      NativeSettings settings, Governor governor, HeapAccounting heap, Notices notices) {
    LazyOffheap offheap =
        new LazyOffheap(
            () -> {
              OffheapMemory memory =
                  OffheapMemory.start(
                      settings,
                      governor.engines(),
                      admission(governor, heap.admission()),
                      (engine, work) -> inScope(governor.engine(engine).id(), work),
                      (engine, bytes, made) -> notices.say(leak(engine, made)),
                      notices::say);
              governor.addListener(memory.pressure());
              return memory;
            });
    governor.addRelief(offheap.relief());
    NativeHooks.install(() -> offheap.get().hooks());
    return offheap;
  }

  private static Admission admission(Governor governor, ScopedAdmission rules) {
    return new Admission() {
      @Override
      public void admit(Account account, LedgerKind kind, long bytes) {
        rules.admit(governor.engine(account.engine()), kind, bytes);
      }

      @Override
      public void requireRoom(Account account, long bytes) {
        rules.requireRoom(governor.engine(account.engine()), bytes);
      }
    };
  }

  private static Runnable inScope(int engine, Runnable work) {
    return () -> {
      int token = Hooks.enter(engine);
      try {
        work.run();
      } finally {
        Hooks.exit(token);
      }
    };
  }

  /** Without the bytes: a place that leaks again and again is one line. */
  private static String leak(String engine, Throwable made) {
    for (StackTraceElement frame : made.getStackTrace()) {
      if (!frame.getClassName().startsWith("io.nodedb.mem.")) {
        return "engine '" + engine + "': an arena made at " + frame + " was never closed";
      }
    }
    return "engine '" + engine + "': an arena was never closed (" + made.getMessage() + ")";
  }
}
