package io.nodedb.mem.instrument;

import java.util.Map;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * The gates before collections and buffers of the JDK grow. Not in {@code Arrays.copyOf}: the C2
 * compiler replaces it with code of its own, and a gate there would be passed by.
 *
 * <p>Each place is one where an exception leaves the collection as it was, or as an OutOfMemoryError
 * would: with all its elements, the right size, and able to grow later. That is why the three maps and
 * the ring below are gated away from the allocation itself.
 */
final class JdkGrowth {
  private static final String HOOKS = "io/nodedb/mem/hook/Growth";
  private static final String UTIL = "java/util/";
  private static final String HASH_MAP = UTIL + "HashMap";
  private static final String CONCURRENT_MAP = UTIL + "concurrent/ConcurrentHashMap";
  private static final String DEQUE = UTIL + "ArrayDeque";

  /** Methods whose array allocations are gated as those of matched code are. */
  private static final Map<String, Set<String>> PLAIN =
      Map.ofEntries(
          Map.entry("java/lang/AbstractStringBuilder",
              Set.of("ensureCapacityNewCoder", "ensureCapacitySameCoder", "inflateToUTF16")),
          Map.entry("java/io/ByteArrayOutputStream", Set.of("ensureCapacity")),
          Map.entry(UTIL + "ArrayList", Set.of("<init>", "grow")),
          Map.entry(UTIL + "Vector", Set.of("grow")),
          Map.entry(UTIL + "PriorityQueue", Set.of("grow")),
          Map.entry(UTIL + "concurrent/PriorityBlockingQueue", Set.of("tryGrow")),
          Map.entry(UTIL + "concurrent/CopyOnWriteArrayList",
              Set.of("add", "addIfAbsent", "addAll", "addAllAbsent")),
          Map.entry(UTIL + "BitSet", Set.of("ensureCapacity")),
          Map.entry(UTIL + "IdentityHashMap", Set.of("resize")),
          Map.entry(UTIL + "WeakHashMap", Set.of("newTable")),
          Map.entry(UTIL + "Hashtable", Set.of("rehash")),
          Map.entry(CONCURRENT_MAP, Set.of("initTable", "tryPresize")));

  private JdkGrowth() {}

  static boolean isTarget(String internalName) {
    return PLAIN.containsKey(internalName)
        || internalName.equals(HASH_MAP)
        || internalName.equals(DEQUE);
  }

  /** Whether a method is worth taking apart. */
  static boolean mayChange(String internalName, String method) {
    return PLAIN.getOrDefault(internalName, Set.of()).contains(method)
        || switch (internalName) {
          case HASH_MAP -> method.equals("resize");
          case CONCURRENT_MAP -> method.equals("addCount");
          case DEQUE -> method.startsWith("add");
          default -> false;
        };
  }

  /**
   * Rewrites one method.
   *
   * @return whether it changed
   */
  static boolean rewrite(ClassNode type, MethodNode method, int referenceShift) {
    boolean changed = false;
    if (PLAIN.getOrDefault(type.name, Set.of()).contains(method.name)) {
      changed = gateAllocations(method, referenceShift);
    }
    return switch (type.name) {
      case HASH_MAP -> method.name.equals("resize") && gateResize(type, method);
      case CONCURRENT_MAP -> gateTransfer(type, method) || changed;
      case DEQUE -> gateRing(type, method, referenceShift);
      default -> changed;
    };
  }

  private static boolean gateAllocations(MethodNode method, int referenceShift) {
    var edits = new Edits();
    new AllocationGates(referenceShift, method.maxLocals, edits).plan(method);
    for (var instruction : method.instructions) {
      if (instruction instanceof MethodInsnNode call && call.name.equals("newBytesFor")) {
        edits.before(call, new InsnNode(Opcodes.DUP), HookCalls.push(1), HookCalls.gate());
      }
    }
    if (edits.size() == 0) {
      return false;
    }
    edits.apply(method, Set.of());
    for (var instruction : method.instructions) {
      if (instruction instanceof MethodInsnNode call && call.owner.equals(HookCalls.HOOKS)) {
        call.owner = HOOKS;
      }
    }
    return true;
  }

  /** {@code HashMap.resize} sets the new threshold before it allocates: the gate is at its entry. */
  private static boolean gateResize(ClassNode map, MethodNode method) {
    insertFirst(
        method,
        self(),
        field(map, "table"),
        self(),
        field(map, "threshold"),
        hook("table", "([Ljava/lang/Object;I)V"));
    return true;
  }

  /**
   * {@code ConcurrentHashMap.transfer} answers a failed allocation by never growing again: the gate is
   * before the map is claimed for a transfer, by setting {@code sizeCtl} to a stamp + 2.
   */
  private static boolean gateTransfer(ClassNode map, MethodNode method) {
    if (!method.name.equals("addCount") && !method.name.equals("tryPresize")) {
      return false;
    }
    boolean changed = false;
    for (var instruction : method.instructions.toArray()) {
      if (instruction instanceof MethodInsnNode call
          && call.name.equals("compareAndSetInt")
          && is(call.getPrevious(), Opcodes.IADD)
          && is(call.getPrevious().getPrevious(), Opcodes.ICONST_2)) {
        insertBefore(
            method,
            call,
            self(),
            field(map, "table"),
            new InsnNode(Opcodes.ICONST_0),
            hook("table", "([Ljava/lang/Object;I)V"));
        changed = true;
      }
    }
    return changed;
  }

  /** {@code ArrayDeque} grows once the element is in, and a full ring looks empty. */
  private static boolean gateRing(ClassNode deque, MethodNode method, int referenceShift) {
    switch (method.name) {
      case "addFirst", "addLast" ->
          insertFirst(
              method,
              self(),
              field(deque, "elements"),
              self(),
              field(deque, "head"),
              self(),
              field(deque, "tail"),
              hook("ring", "([Ljava/lang/Object;II)V"));
      case "addAll" -> {
        for (var instruction : method.instructions.toArray()) {
          if (instruction instanceof MethodInsnNode call && call.name.equals("grow")) {
            insertBefore(
                method,
                call,
                new InsnNode(Opcodes.DUP),
                HookCalls.push(referenceShift),
                hook("gate", "(II)V"));
          }
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean is(AbstractInsnNode instruction, int opcode) {
    return instruction != null && instruction.getOpcode() == opcode;
  }

  private static AbstractInsnNode self() {
    return new VarInsnNode(Opcodes.ALOAD, 0);
  }

  /** A field of the class itself; its descriptor is the JDK's, whatever that is. */
  private static AbstractInsnNode field(ClassNode type, String name) {
    for (var field : type.fields) {
      if (field.name.equals(name)) {
        return new FieldInsnNode(Opcodes.GETFIELD, type.name, name, field.desc);
      }
    }
    throw new Unscopable("this JDK's " + type.name + " has no field " + name);
  }

  private static MethodInsnNode hook(String name, String descriptor) {
    return new MethodInsnNode(Opcodes.INVOKESTATIC, HOOKS, name, descriptor, false);
  }

  private static void insertFirst(MethodNode method, AbstractInsnNode... code) {
    for (int i = code.length - 1; i >= 0; i--) {
      method.instructions.insert(code[i]);
    }
  }

  private static void insertBefore(
      MethodNode method, AbstractInsnNode anchor, AbstractInsnNode... code) {
    for (var added : code) {
      method.instructions.insertBefore(anchor, added);
    }
  }
}
