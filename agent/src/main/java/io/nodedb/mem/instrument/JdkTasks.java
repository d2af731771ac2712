package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/** The calls of {@code TaskScopes} in the JDK's executors, futures and virtual threads. */
final class JdkTasks {
  private static final String CONCURRENT = "java/util/concurrent/";
  private static final String HOOKS = "io/nodedb/mem/hook/TaskScopes";
  private static final String STAGE = CONCURRENT + "CompletableFuture$";
  private static final String COMPLETION = STAGE + "Completion";
  private static final String ONE = "(Ljava/lang/Object;)V";
  private static final String TWO = "(Ljava/lang/Object;Ljava/lang/Object;)V";

  /** Stages that run no code of the application. */
  private static final Set<String> PLUMBING =
      Set.of(STAGE + "Signaller", STAGE + "CoCompletion", STAGE + "AnyOf");

  private static final Set<String> POOL = Set.of("execute", "reject", "remove", "runWorker");

  private JdkTasks() {}

  static boolean isTarget(String internalName) {
    return switch (internalName) {
      case "java/lang/VirtualThread",
              CONCURRENT + "ThreadPoolExecutor",
              CONCURRENT + "ThreadPoolExecutor$DiscardOldestPolicy",
              CONCURRENT + "ScheduledThreadPoolExecutor",
              CONCURRENT + "ForkJoinTask",
              CONCURRENT + "ForkJoinPool",
              CONCURRENT + "ForkJoinPool$WorkQueue" ->
          true;
      default -> internalName.startsWith(STAGE) && !PLUMBING.contains(internalName);
    };
  }

  /** Whether a class may well have nothing to rewrite. */
  static boolean isOptional(String internalName) {
    return internalName.startsWith(STAGE);
  }

  /** Whether a method is worth taking apart. */
  static boolean mayChange(String internalName, String method) {
    if (internalName.startsWith(STAGE)) {
      return method.equals("<init>") || method.equals("run") || method.equals("tryFire");
    }
    return switch (internalName) {
      case "java/lang/VirtualThread" -> method.equals("start") || method.equals("run");
      case CONCURRENT + "ThreadPoolExecutor" -> POOL.contains(method);
      case CONCURRENT + "ScheduledThreadPoolExecutor" -> method.equals("delayedExecute");
      case CONCURRENT + "ForkJoinTask" -> method.equals("fork");
      default -> true;
    };
  }

  /**
   * Rewrites one method.
   *
   * @return whether it changed
   */
  static boolean rewrite(ClassNode type, MethodNode method) {
    return switch (type.name) {
      case "java/lang/VirtualThread" -> virtualThread(method);
      case CONCURRENT + "ThreadPoolExecutor" -> pool(method);
      case CONCURRENT + "ThreadPoolExecutor$DiscardOldestPolicy" -> discardOldest(method);
      case CONCURRENT + "ScheduledThreadPoolExecutor" ->
          method.name.equals("delayedExecute") && atEntry(method, 1, "captured");
      case CONCURRENT + "ForkJoinTask" ->
          method.name.equals("fork") && atEntry(method, 0, "pushed");
      case CONCURRENT + "ForkJoinPool" -> forkJoinPool(method);
      case CONCURRENT + "ForkJoinPool$WorkQueue" -> runs(method);
      default -> stage(type, method);
    };
  }

  private static boolean virtualThread(MethodNode method) {
    if (method.name.equals("start") && method.desc.startsWith("(Ljdk/internal/vm/")) {
      method.instructions.insert(hook("starting", "(Ljava/lang/Thread;)V"));
      method.instructions.insert(load(0));
      return true;
    }
    if (method.name.equals("run") && method.desc.equals("(Ljava/lang/Runnable;)V")) {
      return beforeReturns(method, hook("ended", "()V"));
    }
    return false;
  }

  private static boolean pool(MethodNode method) {
    return switch (method.name) {
      case "execute" -> atEntry(method, 1, 0, "submitted");
      case "reject" -> atEntry(method, 1, 0, "rejected");
      case "remove" ->
          beforeReturns(
              method,
              new InsnNode(Opcodes.DUP),
              load(1),
              load(0),
              hook("removed", "(ZLjava/lang/Object;Ljava/lang/Object;)V"));
      case "runWorker" -> {
        boolean changed = false;
        for (var call : calls(method, "java/lang/Runnable", "run")) {
          method.instructions.insertBefore(call, load(0));
          method.instructions.set(call, hook("run", "(Ljava/lang/Runnable;Ljava/lang/Object;)V"));
          changed = true;
        }
        yield changed;
      }
      default -> false;
    };
  }

  private static boolean discardOldest(MethodNode method) {
    boolean changed = false;
    for (var call : calls(method, CONCURRENT + "BlockingQueue", "poll")) {
      insertAfter(method, call, new InsnNode(Opcodes.DUP), load(2), hook("dropped", TWO));
      changed = true;
    }
    return changed;
  }

  private static boolean forkJoinPool(MethodNode method) {
    boolean entry =
        switch (method.name) {
          case "poolSubmit" -> atEntry(method, 2, "pushed");
          case "externalSubmit" -> atEntry(method, 1, "pushed");
          case "scheduleDelayedTask" -> atEntry(method, 1, "captured");
          default -> false;
        };
    return runs(method) || entry;
  }

  /** Surrounds each run of a task that was taken from a queue. */
  private static boolean runs(MethodNode method) {
    var calls = calls(method, CONCURRENT + "ForkJoinTask", "doExec");
    if (calls.isEmpty()) {
      return false;
    }
    var surround = new Surround(method, exit());
    for (var call : calls) {
      surround.call(call, hook("popped", "(Ljava/lang/Object;)I"));
    }
    return true;
  }

  private static boolean stage(ClassNode type, MethodNode method) {
    boolean async = type.name.equals(STAGE + "AsyncSupply") || type.name.equals(STAGE + "AsyncRun");
    if (method.name.equals("<init>") && (async || type.name.equals(COMPLETION))) {
      return beforeReturns(method, load(0), hook("captured", ONE));
    }
    if (async && method.name.equals("run")) {
      surroundStage(method, new InsnNode(Opcodes.ICONST_0));
      return true;
    }
    boolean real = (method.access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_BRIDGE)) == 0;
    if (method.name.equals("tryFire") && real) {
      surroundStage(
          method,
          load(0),
          new MethodInsnNode(Opcodes.INVOKEVIRTUAL, COMPLETION, "isLive", "()Z", false));
      return true;
    }
    return false;
  }

  private static void surroundStage(MethodNode method, AbstractInsnNode... live) {
    var after = new ArrayList<AbstractInsnNode>();
    after.add(load(0));
    after.addAll(List.of(live));
    after.add(hook("fired", "(Ljava/lang/Object;Z)V"));
    new Surround(method, exit())
        .body(List.of(load(0), hook("resume", "(Ljava/lang/Object;)I")), after);
  }

  private static boolean atEntry(MethodNode method, int local, String name) {
    method.instructions.insert(hook(name, ONE));
    method.instructions.insert(load(local));
    return true;
  }

  private static boolean atEntry(MethodNode method, int first, int second, String name) {
    method.instructions.insert(hook(name, TWO));
    method.instructions.insert(load(second));
    method.instructions.insert(load(first));
    return true;
  }

  private static boolean beforeReturns(MethodNode method, AbstractInsnNode... code) {
    boolean changed = false;
    for (var instruction : method.instructions.toArray()) {
      if (Surround.isReturn(instruction)) {
        for (var added : code) {
          method.instructions.insertBefore(instruction, added.clone(null));
        }
        changed = true;
      }
    }
    return changed;
  }

  private static void insertAfter(
      MethodNode method, AbstractInsnNode anchor, AbstractInsnNode... code) {
    for (int i = code.length - 1; i >= 0; i--) {
      method.instructions.insert(anchor, code[i]);
    }
  }

  private static List<MethodInsnNode> calls(MethodNode method, String owner, String name) {
    var found = new ArrayList<MethodInsnNode>();
    for (var instruction : method.instructions) {
      if (instruction instanceof MethodInsnNode call
          && call.owner.equals(owner)
          && call.name.equals(name)) {
        found.add(call);
      }
    }
    return found;
  }

  private static AbstractInsnNode load(int local) {
    return new VarInsnNode(Opcodes.ALOAD, local);
  }

  private static MethodInsnNode exit() {
    return hook("exit", "(I)V");
  }

  private static MethodInsnNode hook(String name, String descriptor) {
    return new MethodInsnNode(Opcodes.INVOKESTATIC, HOOKS, name, descriptor, false);
  }
}
