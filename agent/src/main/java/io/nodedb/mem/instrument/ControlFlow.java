package io.nodedb.mem.instrument;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;

/**
 * Where control goes in one method, as it is when this is made. Instructions are known by their
 * place in it. ASM's own analyzer would work out the types on the stack as well, for every class loaded.
 */
final class ControlFlow {
  private record Guarded(int start, int end, int handler) {}

  private final InsnList code;
  private final int[][] targets;
  private final List<Guarded> guarded = new ArrayList<>();

  ControlFlow(MethodNode method) {
    code = method.instructions;
    targets = new int[code.size()][];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels(code.get(i)).stream().mapToInt(code::indexOf).toArray();
    }
    for (var block : method.tryCatchBlocks) {
      guarded.add(
          new Guarded(
              code.indexOf(block.start), code.indexOf(block.end), code.indexOf(block.handler)));
    }
  }

  /** Where an instruction may jump to. */
  int[] targets(int i) {
    return targets[i];
  }

  /** Whether it may jump back, or to itself. */
  boolean jumpsBack(int i) {
    for (int target : targets[i]) {
      if (target <= i) {
        return true;
      }
    }
    return false;
  }

  /**
   * What may run from some instructions on, exceptions included, on ways that end where they stop.
   *
   * @param starts the first ones, in the result too
   * @param first what is before this is passed over
   * @param last what is after this is passed over
   * @param stops nothing is looked for behind these; they are in the result where they are reached
   */
  BitSet reached(BitSet starts, int first, int last, BitSet stops) {
    var reached = new BitSet(code.size());
    reached.or(starts);
    var open = new ArrayDeque<Integer>();
    starts.stream().forEach(open::push);
    while (!open.isEmpty()) {
      int i = open.pop();
      if (!stops.get(i)) {
        forEachNext(
            i,
            next -> {
              if (next >= first && next <= last && !reached.get(next)) {
                reached.set(next);
                open.push(next);
              }
            });
      }
    }
    return reached;
  }

  /** What may run after one instruction. */
  BitSet after(int i) {
    var next = new BitSet(code.size());
    forEachNext(i, next::set);
    return next;
  }

  /**
   * From where a return or another turn of a loop can be reached, if nothing is thrown but by an
   * {@code athrow}. The rest always ends in an exception.
   */
  BitSet goingOn() {
    var on = new BitSet(code.size());
    for (int i = code.size() - 1; i >= 0; i--) {
      boolean goes = Surround.isReturn(code.get(i)) || jumpsBack(i);
      for (int target : targets[i]) {
        goes |= on.get(target);
      }
      on.set(i, goes || fallsThrough(i) && on.get(i + 1) || isCaught(i, on));
    }
    return on;
  }

  private boolean isCaught(int i, BitSet on) {
    if (code.get(i).getOpcode() != Opcodes.ATHROW) {
      return false;
    }
    for (var block : guarded) {
      if (i >= block.start && i < block.end && (block.handler <= i || on.get(block.handler))) {
        return true;
      }
    }
    return false;
  }

  private void forEachNext(int i, IntConsumer action) {
    for (int target : targets[i]) {
      action.accept(target);
    }
    if (fallsThrough(i)) {
      action.accept(i + 1);
    }
    for (var block : guarded) {
      if (i >= block.start && i < block.end) {
        action.accept(block.handler);
      }
    }
  }

  private boolean fallsThrough(int i) {
    int opcode = code.get(i).getOpcode();
    return i + 1 < code.size()
        && opcode != Opcodes.GOTO
        && opcode != Opcodes.ATHROW
        && opcode != Opcodes.RET
        && opcode != Opcodes.TABLESWITCH
        && opcode != Opcodes.LOOKUPSWITCH
        && !Surround.isReturn(code.get(i));
  }

  private static List<LabelNode> labels(AbstractInsnNode instruction) {
    return switch (instruction) {
      case JumpInsnNode jump -> List.of(jump.label);
      case TableSwitchInsnNode table -> with(table.labels, table.dflt);
      case LookupSwitchInsnNode lookup -> with(lookup.labels, lookup.dflt);
      default -> List.of();
    };
  }

  private static List<LabelNode> with(List<LabelNode> labels, LabelNode last) {
    var all = new ArrayList<>(labels);
    all.add(last);
    return all;
  }
}
