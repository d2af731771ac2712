package io.nodedb.mem.instrument;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.BasicInterpreter;
import org.objectweb.asm.tree.analysis.BasicValue;
import org.objectweb.asm.tree.analysis.Frame;

/**
 * Where a constructor calls {@code super(...)} or {@code this(...)}, and which instructions run
 * before that. No handler may cover the latter: the verifier lets nobody catch an exception and
 * leave while {@code this} is uninitialized, and so refuses one frame for both halves.
 *
 * <p>A data-flow analysis follows {@code this} through stack and locals, since the call looks the
 * same as that of another object of the superclass built for an argument. What comes before it is
 * then whatever the entry reaches without passing such a call. Nothing is assumed of the order in
 * which a compiler lays out blocks, nor that there is one call only.
 */
final class ConstructorBody {
  private final MethodNode method;
  private final List<AbstractInsnNode> initializations = new ArrayList<>();
  private final Set<AbstractInsnNode> before = new HashSet<>();

  ConstructorBody(String owner, MethodNode method) {
    this.method = method;
    findInitializations(owner);
    findBefore();
  }

  /** The calls that initialize {@code this}; none if every path throws or loops before. */
  List<AbstractInsnNode> initializations() {
    return initializations;
  }

  /** Instructions that run while {@code this} is uninitialized, those calls included. */
  Set<AbstractInsnNode> before() {
    return before;
  }

  private void findInitializations(String owner) {
    Frame<BasicValue>[] frames;
    try {
      frames = new Analyzer<>(new ThisInterpreter()).analyze(owner, method);
    } catch (AnalyzerException e) {
      throw new Unscopable("its constructor cannot be analyzed: " + e.getMessage(), e);
    }
    for (int i = 0; i < frames.length; i++) {
      if (frames[i] != null
          && method.instructions.get(i) instanceof MethodInsnNode call
          && call.getOpcode() == Opcodes.INVOKESPECIAL
          && call.name.equals("<init>")) {
        int receiver = frames[i].getStackSize() - 1 - Type.getArgumentCount(call.desc);
        if (frames[i].getStack(receiver) == ThisInterpreter.THIS) {
          initializations.add(call);
        }
      }
    }
  }

  private void findBefore() {
    var code = method.instructions;
    var open = new ArrayDeque<AbstractInsnNode>();
    open.add(code.getFirst());
    while (!open.isEmpty()) {
      var instruction = open.pop();
      if (instruction == null || !before.add(instruction)) {
        continue;
      }
      handlersOf(instruction, open);
      if (initializations.contains(instruction)) {
        continue;
      }
      switch (instruction) {
        case JumpInsnNode jump -> open.add(jump.label);
        case TableSwitchInsnNode table -> {
          open.addAll(table.labels);
          open.add(table.dflt);
        }
        case LookupSwitchInsnNode lookup -> {
          open.addAll(lookup.labels);
          open.add(lookup.dflt);
        }
        default -> {
          // falls through or ends
        }
      }
      if (fallsThrough(instruction) && instruction.getNext() != null) {
        open.add(instruction.getNext());
      }
    }
  }

  private void handlersOf(AbstractInsnNode instruction, ArrayDeque<AbstractInsnNode> open) {
    int at = method.instructions.indexOf(instruction);
    for (TryCatchBlockNode block : method.tryCatchBlocks) {
      if (method.instructions.indexOf(block.start) <= at
          && at < method.instructions.indexOf(block.end)) {
        open.add(block.handler);
      }
    }
  }

  private static boolean fallsThrough(AbstractInsnNode instruction) {
    int opcode = instruction.getOpcode();
    return switch (opcode) {
      case Opcodes.GOTO, Opcodes.ATHROW, Opcodes.RET -> false;
      case Opcodes.TABLESWITCH, Opcodes.LOOKUPSWITCH -> false;
      default -> opcode < Opcodes.IRETURN || opcode > Opcodes.RETURN;
    };
  }

  /** Tells {@code this} from every other value. */
  private static final class ThisInterpreter extends BasicInterpreter {
    static final BasicValue THIS = new BasicValue(Type.getObjectType("this"));

    ThisInterpreter() {
      super(ASM9);
    }

    @Override
    public BasicValue newParameterValue(boolean isInstanceMethod, int local, Type type) {
      return local == 0 ? THIS : super.newParameterValue(isInstanceMethod, local, type);
    }
  }
}
