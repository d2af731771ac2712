package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.Hooks;
import io.nodedb.mem.hook.NativeHooks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Puts a method's body between an entry and an exit of a scope.
 *
 * <p>The entry's token lives in a new local past all others, so that nothing is renumbered and no
 * body, however it reuses its slots, can touch it. Every frame after the store declares that local;
 * the frame of the catch-all handler declares nothing else, because a body may have put any type
 * into any other slot, its arguments' included. The handler is last in the exception table: the
 * method's own handlers come first, and run inside the scope.
 *
 * <p>The handler covers the exits before returns too: an exit that fails (the stack may be
 * exhausted) has not taken effect and is tried once more.
 *
 * <p>In a constructor the scope opens after each call that initializes {@code this}; the token is
 * {@link Hooks#SAME} before, so that all frames look alike, and the handler covers what comes after,
 * in as many ranges as the layout of the code needs.
 *
 * <p>A scope that pins the thread's arena has a second token, behind the first, and does so inside
 * the scope. It is {@link NativeHooks#UNPINNED} from the start, so that the handler can undo it
 * wherever it is entered from.
 */
final class ScopeAdvice {
  private static final int FIRST_VERSION_WITH_FRAMES = Opcodes.V1_6;

  /** Bytes that a token adds beside those of its exits: entry, handler and their operands. */
  private static final int FIXED_SIZE = 32;

  /** Bytes of one exit: a wide load and a call. */
  private static final int EXIT_SIZE = 7;

  /** Stack of an exit: a token and the method's number. */
  private static final int EXIT_STACK = 2;

  /** The method's number, which pinning and each exit that unpins, the handler's too, have besides. */
  private static final int NUMBER_SIZE = 3;

  private final MethodNode method;
  private final int token;
  private final int pinToken;
  private final int classVersion;

  /** The method's number for {@link NativeHooks#pin}. */
  private final int pinned;

  private boolean pins;

  /** Instructions that the handler must not cover. */
  private final Set<AbstractInsnNode> uncovered = new HashSet<>();

  /**
   * Advice for one method.
   *
   * @param owner the internal name of its class
   * @param method the method; changed by {@link #apply}
   * @param token a free local, as is the next one; frames are padded up to it
   * @param classVersion the class file's major version
   */
  ScopeAdvice(String owner, MethodNode method, int token, int classVersion) {
    this.method = method;
    this.pinned = NativeHooks.method(owner + '.' + method.name + method.desc);
    this.token = token;
    this.pinToken = token + 1;
    this.classVersion = classVersion;
  }

  /** Bytes of code that a scope adds to a method, at most. */
  static int sizeFor(MethodNode method, boolean pins) {
    int exits = 0;
    for (var instruction : method.instructions) {
      exits += isReturn(instruction) ? 1 : 0;
    }
    int token = FIXED_SIZE + exits * EXIT_SIZE;
    return pins ? 2 * token + (exits + 2) * NUMBER_SIZE : token;
  }

  /**
   * Rewrites the method.
   *
   * @param scope what to enter
   * @param poll whether to poll right after the entry
   * @param constructor what is known of a constructor, null for other methods
   */
  void apply(ResolvedScope scope, boolean poll, ConstructorBody constructor) {
    var exits = returns();
    pins = scope.pin();
    if (constructor == null) {
      insertEntry(null, scope, poll);
    } else {
      uncovered.addAll(constructor.before());
      for (var initialization : constructor.initializations()) {
        insertEntry(initialization, scope, poll);
      }
      insertAfter(null, HookCalls.push(Hooks.SAME), new VarInsnNode(Opcodes.ISTORE, token));
    }
    if (pins) {
      insertAfter(
          null,
          HookCalls.push(NativeHooks.UNPINNED),
          new VarInsnNode(Opcodes.ISTORE, pinToken));
    }
    for (var exit : exits) {
      method.instructions.insertBefore(exit, leave());
    }
    extendFrames();
    addHandler();
    // An exit comes on top of the value that is returned or thrown.
    method.maxStack = Math.max(method.maxStack, 1) + EXIT_STACK;
    method.maxLocals = Math.max(method.maxLocals, token + (pins ? 2 : 1));
  }

  private List<AbstractInsnNode> returns() {
    var returns = new ArrayList<AbstractInsnNode>();
    for (var instruction : method.instructions) {
      if (isReturn(instruction)) {
        returns.add(instruction);
      }
    }
    return returns;
  }

  private static boolean isReturn(AbstractInsnNode instruction) {
    return instruction.getOpcode() >= Opcodes.IRETURN && instruction.getOpcode() <= Opcodes.RETURN;
  }

  private void insertEntry(AbstractInsnNode after, ResolvedScope scope, boolean poll) {
    if (poll) {
      insert(after, HookCalls.poll());
    }
    if (pins) {
      insert(after, new VarInsnNode(Opcodes.ISTORE, pinToken));
      insert(after, HookCalls.pin());
      insert(after, HookCalls.push(pinned));
    }
    insertAfter(
        after,
        HookCalls.push(scope.id()),
        scope.site() ? HookCalls.enterSite() : HookCalls.enter(),
        new VarInsnNode(Opcodes.ISTORE, token));
  }

  private InsnList leave() {
    var code = new InsnList();
    if (pins) {
      code.add(new VarInsnNode(Opcodes.ILOAD, pinToken));
      code.add(HookCalls.push(pinned));
      code.add(HookCalls.unpin());
    }
    code.add(new VarInsnNode(Opcodes.ILOAD, token));
    code.add(HookCalls.exit());
    return code;
  }

  /** Inserts code that the handler does not cover. */
  private void insertAfter(AbstractInsnNode anchor, AbstractInsnNode... code) {
    for (int i = code.length - 1; i >= 0; i--) {
      uncovered.add(code[i]);
      insert(anchor, code[i]);
    }
  }

  private void insert(AbstractInsnNode anchor, AbstractInsnNode code) {
    if (anchor == null) {
      method.instructions.insert(code);
    } else {
      method.instructions.insert(anchor, code);
    }
  }

  private void extendFrames() {
    for (var instruction : method.instructions) {
      if (instruction instanceof FrameNode frame) {
        var locals = new ArrayList<Object>(frame.local);
        int slots = 0;
        for (var local : locals) {
          slots += local == Opcodes.LONG || local == Opcodes.DOUBLE ? 2 : 1;
        }
        for (; slots < token; slots++) {
          locals.add(Opcodes.TOP);
        }
        locals.add(Opcodes.INTEGER);
        if (pins) {
          locals.add(Opcodes.INTEGER);
        }
        frame.local = locals;
      }
    }
  }

  private void addHandler() {
    var handler = new LabelNode();
    var ranges = coveredRanges(handler);
    var code = new InsnList();
    code.add(handler);
    if (classVersion >= FIRST_VERSION_WITH_FRAMES) {
      code.add(handlerFrame());
    }
    code.add(leave());
    code.add(new InsnNode(Opcodes.ATHROW));
    method.instructions.add(code);
    method.tryCatchBlocks.addAll(ranges);
  }

  private FrameNode handlerFrame() {
    var locals = new Object[token + (pins ? 2 : 1)];
    Arrays.fill(locals, Opcodes.TOP);
    Arrays.fill(locals, token, locals.length, Opcodes.INTEGER);
    return new FrameNode(
        Opcodes.F_NEW, locals.length, locals, 1, new Object[] {"java/lang/Throwable"});
  }

  private List<TryCatchBlockNode> coveredRanges(LabelNode handler) {
    var ranges = new ArrayList<TryCatchBlockNode>();
    LabelNode start = null;
    for (var instruction : method.instructions.toArray()) {
      if (instruction.getOpcode() < 0) {
        continue;
      }
      var covered = !uncovered.contains(instruction);
      if (covered && start == null) {
        start = new LabelNode();
        method.instructions.insertBefore(instruction, start);
      } else if (!covered && start != null) {
        var end = new LabelNode();
        method.instructions.insertBefore(instruction, end);
        ranges.add(new TryCatchBlockNode(start, end, handler, null));
        start = null;
      }
    }
    if (start != null) {
      var end = new LabelNode();
      method.instructions.add(end);
      ranges.add(new TryCatchBlockNode(start, end, handler, null));
    }
    return ranges;
  }
}
