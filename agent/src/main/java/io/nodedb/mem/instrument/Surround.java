package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Puts a piece of a JDK method between an entry that yields a token and an exit that takes it, on
 * exceptions too. The token is in a local past all others, as in {@link ScopeAdvice}.
 */
final class Surround {
  private final MethodNode method;
  private final int token;
  private final AbstractInsnNode[] exit;

  /**
   * For one method.
   *
   * @param method the method
   * @param exit a static call that takes the token
   */
  Surround(MethodNode method, MethodInsnNode exit) {
    this.method = method;
    this.token = method.maxLocals;
    this.exit = new AbstractInsnNode[] {exit};
  }

  /**
   * The whole body of a method that is no constructor.
   *
   * @param entry yields the token
   * @param beforeReturn goes before each exit at a return
   */
  void body(List<AbstractInsnNode> entry, List<AbstractInsnNode> beforeReturn) {
    var start = new LabelNode();
    for (var instruction : method.instructions.toArray()) {
      if (isReturn(instruction)) {
        beforeReturn.forEach(i -> insertBefore(instruction, i.clone(null)));
        leave(instruction);
      } else if (instruction instanceof FrameNode frame) {
        declareToken(frame);
      }
    }
    var code = new ArrayList<>(entry);
    code.add(new VarInsnNode(Opcodes.ISTORE, token));
    code.add(start);
    for (int i = code.size() - 1; i >= 0; i--) {
      method.instructions.insert(code.get(i));
    }
    var end = new LabelNode();
    method.instructions.add(end);
    handler(start, end);
  }

  /**
   * One call, which has the argument of the entry on top of the stack and returns nothing.
   *
   * @param call the call
   * @param entry takes what is on top of the stack and yields the token
   */
  void call(MethodInsnNode call, MethodInsnNode entry) {
    for (var block : method.tryCatchBlocks) {
      // Its frame would need the locals that ours does not declare.
      if (isWithin(call, block)) {
        throw new Unscopable("a call of " + call.name + " in " + method.name + " has a handler");
      }
    }
    var start = new LabelNode();
    var end = new LabelNode();
    insertBefore(call, new InsnNode(Opcodes.DUP));
    insertBefore(call, entry);
    insertBefore(call, new VarInsnNode(Opcodes.ISTORE, token));
    insertBefore(call, start);
    var after = call.getNext();
    insertBefore(after, end);
    leave(after);
    handler(start, end);
  }

  private void leave(AbstractInsnNode before) {
    insertBefore(before, new VarInsnNode(Opcodes.ILOAD, token));
    for (var instruction : exit) {
      insertBefore(before, instruction.clone(null));
    }
  }

  private void handler(LabelNode start, LabelNode end) {
    var handler = new LabelNode();
    var locals = new Object[token + 1];
    Arrays.fill(locals, Opcodes.TOP);
    locals[token] = Opcodes.INTEGER;
    var code = method.instructions;
    code.add(handler);
    code.add(
        new FrameNode(
            Opcodes.F_NEW, locals.length, locals, 1, new Object[] {"java/lang/Throwable"}));
    code.add(new VarInsnNode(Opcodes.ILOAD, token));
    for (var instruction : exit) {
      code.add(instruction.clone(null));
    }
    code.add(new InsnNode(Opcodes.ATHROW));
    method.tryCatchBlocks.add(new TryCatchBlockNode(start, end, handler, null));
    method.maxLocals = token + 1;
  }

  private void declareToken(FrameNode frame) {
    var locals = new ArrayList<Object>(frame.local);
    int slots = 0;
    for (var local : locals) {
      slots += local == Opcodes.LONG || local == Opcodes.DOUBLE ? 2 : 1;
    }
    for (; slots < token; slots++) {
      locals.add(Opcodes.TOP);
    }
    locals.add(Opcodes.INTEGER);
    frame.local = locals;
  }

  private boolean isWithin(AbstractInsnNode instruction, TryCatchBlockNode block) {
    var code = method.instructions;
    int at = code.indexOf(instruction);
    return code.indexOf(block.start) <= at && at < code.indexOf(block.end);
  }

  private void insertBefore(AbstractInsnNode anchor, AbstractInsnNode instruction) {
    method.instructions.insertBefore(anchor, instruction);
  }

  static boolean isReturn(AbstractInsnNode instruction) {
    return instruction.getOpcode() >= Opcodes.IRETURN && instruction.getOpcode() <= Opcodes.RETURN;
  }
}
