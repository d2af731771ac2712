package io.nodedb.mem.instrument;

import java.util.BitSet;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.LineNumberNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Which lines of a source only clean up: the {@code finally} blocks, and where a
 * {@code try} with resources closes them. A compiler copies a {@code finally} to every way out of its
 * {@code try} (JLS 14.20.2 leaves it no choice, since there is no subroutine any more), and only the
 * copy for exceptions can be told from other code; but all copies have the same lines. Lines that the
 * {@code try} itself has too do not count. Of code compiled without line numbers nothing is known.
 */
final class CleanupLines {
  /** From the end of a block: load, test for null, load, close. */
  private static final int BEFORE_CLOSE = 4;

  private final InsnList code;
  private final int[] lines;
  private final BitSet found;

  private CleanupLines(MethodNode method, BitSet found) {
    this.code = method.instructions;
    this.found = found;
    this.lines = new int[code.size()];
    int line = 0;
    for (int i = 0; i < lines.length; i++) {
      if (code.get(i) instanceof LineNumberNode number) {
        line = number.line;
      }
      lines[i] = code.get(i).getOpcode() < 0 ? 0 : line;
    }
  }

  /** Adds a method's. */
  static void find(MethodNode method, BitSet found) {
    if (method.tryCatchBlocks.isEmpty()) {
      return;
    }
    var search = new CleanupLines(method, found);
    for (var block : method.tryCatchBlocks) {
      int handler = search.code.indexOf(block.handler);
      int end = search.rethrow(handler);
      if (end >= 0) {
        search.add(method, block, handler, end);
      }
    }
  }

  private void add(MethodNode method, TryCatchBlockNode block, int handler, int end) {
    var cleanup = new BitSet();
    if (block.type == null) {
      collect(handler, end, cleanup);
    } else if (suppresses(handler, end)) {
      addClose(code.indexOf(block.end), cleanup);
    } else {
      return;
    }
    for (var each : method.tryCatchBlocks) {
      if (each.handler == block.handler) {
        var guarded = new BitSet();
        int from = code.indexOf(each.start);
        int to = code.indexOf(each.end);
        // The handler's own first instruction is guarded by it as well.
        collect(from, from < handler ? Math.min(to, handler) : from, guarded);
        cleanup.andNot(guarded);
      }
    }
    found.or(cleanup);
  }

  /** Where a handler that keeps its exception in a variable throws it again; -1 if it does not. */
  private int rethrow(int handler) {
    var first = code.get(handler);
    while (first != null && first.getOpcode() < 0) {
      first = first.getNext();
    }
    if (!(first instanceof VarInsnNode kept) || kept.getOpcode() != Opcodes.ASTORE) {
      return -1;
    }
    for (AbstractInsnNode each = first.getNext(); each != null; each = each.getNext()) {
      if (each.getOpcode() == Opcodes.ATHROW
          && each.getPrevious() instanceof VarInsnNode thrown
          && thrown.var == kept.var) {
        return code.indexOf(each);
      }
    }
    return -1;
  }

  private boolean suppresses(int handler, int end) {
    for (int i = handler; i < end; i++) {
      if (code.get(i) instanceof MethodInsnNode call && call.name.equals("addSuppressed")) {
        return true;
      }
    }
    return false;
  }

  private void addClose(int from, BitSet lines) {
    int seen = 0;
    for (int i = from; i < code.size() && seen < BEFORE_CLOSE; i++) {
      if (code.get(i).getOpcode() >= 0) {
        seen++;
      }
      if (code.get(i) instanceof MethodInsnNode call) {
        if (call.name.equals("close")) {
          collect(i, i + 1, lines);
        }
        return;
      }
    }
  }

  private void collect(int from, int to, BitSet into) {
    for (int i = from; i < to; i++) {
      if (lines[i] > 0) {
        into.set(lines[i]);
      }
    }
  }
}
