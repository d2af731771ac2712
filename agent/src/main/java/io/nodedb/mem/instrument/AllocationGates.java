package io.nodedb.mem.instrument;

import java.util.ArrayList;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.MultiANewArrayInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Plans the checks before arrays are allocated: {@code newarray}, {@code anewarray}, {@code
 * multianewarray}, {@code Arrays.copyOf} and {@code copyOfRange}, and {@code clone()} of arrays.
 *
 * <p>Where the length is not on top of the stack, operands go through scratch locals past the
 * method's own; no stack map frame lies between their store and their load, so no frame needs to
 * know them. Sizes are those of the elements, without headers.
 */
final class AllocationGates {
  /** Below this an array inside an array costs more in its header than in its elements. */
  private static final long LEAST_INNER_ARRAY = 24;

  private final int referenceShift;
  private final int scratch;
  private final Edits edits;

  /**
   * Gates for one method.
   *
   * @param referenceShift log2 of the size of a reference in an array
   * @param scratch first local that the method may use for operands
   * @param edits where the plan goes
   */
  AllocationGates(int referenceShift, int scratch, Edits edits) {
    this.referenceShift = referenceShift;
    this.scratch = scratch;
    this.edits = edits;
  }

  void plan(MethodNode method) {
    for (var instruction : method.instructions) {
      switch (instruction.getOpcode()) {
        case Opcodes.NEWARRAY -> gateLength(instruction, primitiveShift((IntInsnNode) instruction));
        case Opcodes.ANEWARRAY -> gateLength(instruction, referenceShift);
        case Opcodes.MULTIANEWARRAY -> gateDimensions((MultiANewArrayInsnNode) instruction);
        case Opcodes.INVOKESTATIC -> gateCopy((MethodInsnNode) instruction);
        case Opcodes.INVOKEVIRTUAL -> gateClone((MethodInsnNode) instruction);
        default -> {
          // allocates no array
        }
      }
    }
  }

  private void gateLength(AbstractInsnNode before, int shift) {
    edits.before(before, op(Opcodes.DUP), HookCalls.push(shift), HookCalls.gate());
  }

  private void gateCopy(MethodInsnNode call) {
    if (!call.owner.equals("java/util/Arrays")) {
      return;
    }
    if (call.name.equals("copyOf")) {
      gateCopyOf(call);
    } else if (call.name.equals("copyOfRange")) {
      gateCopyOfRange(call);
    }
  }

  private void gateCopyOf(MethodInsnNode call) {
    var arguments = Type.getArgumentTypes(call.desc);
    int shift = elementShift(arguments[0]);
    if (arguments.length == 2) {
      gateLength(call, shift);
    } else {
      edits.before(
          call,
          op(Opcodes.SWAP),
          op(Opcodes.DUP),
          HookCalls.push(shift),
          HookCalls.gate(),
          op(Opcodes.SWAP));
    }
  }

  private void gateCopyOfRange(MethodInsnNode call) {
    var arguments = Type.getArgumentTypes(call.desc);
    var code = new ArrayList<AbstractInsnNode>();
    var hasClass = arguments.length == 4;
    if (hasClass) {
      code.add(new VarInsnNode(Opcodes.ASTORE, scratch));
    }
    // from, to -> from, to, to - from
    code.add(op(Opcodes.DUP2));
    code.add(op(Opcodes.SWAP));
    code.add(op(Opcodes.ISUB));
    code.add(HookCalls.push(elementShift(arguments[0])));
    code.add(HookCalls.gate());
    if (hasClass) {
      code.add(new VarInsnNode(Opcodes.ALOAD, scratch));
    }
    edits.before(call, code.toArray(AbstractInsnNode[]::new));
  }

  private void gateClone(MethodInsnNode call) {
    if (call.owner.startsWith("[") && call.name.equals("clone")) {
      edits.before(
          call,
          op(Opcodes.DUP),
          op(Opcodes.ARRAYLENGTH),
          HookCalls.push(elementShift(Type.getObjectType(call.owner))),
          HookCalls.gate());
    }
  }

  private void gateDimensions(MultiANewArrayInsnNode allocation) {
    var type = Type.getObjectType(allocation.desc);
    int shift = referenceShift;
    if (allocation.dims == type.getDimensions()) {
      shift = shiftOf(type.getElementType());
    }
    var code = new ArrayList<AbstractInsnNode>();
    for (int i = allocation.dims - 1; i >= 0; i--) {
      code.add(new VarInsnNode(Opcodes.ISTORE, scratch + i));
    }
    code.add(new LdcInsnNode(1L << shift));
    for (int i = allocation.dims - 1; i >= 0; i--) {
      code.add(new VarInsnNode(Opcodes.ILOAD, scratch + i));
      code.add(HookCalls.times());
      if (i > 0) {
        code.add(new LdcInsnNode(LEAST_INNER_ARRAY));
        code.add(
            new MethodInsnNode(Opcodes.INVOKESTATIC, "java/lang/Math", "max", "(JJ)J", false));
      }
    }
    code.add(HookCalls.gateBytes());
    for (int i = 0; i < allocation.dims; i++) {
      code.add(new VarInsnNode(Opcodes.ILOAD, scratch + i));
    }
    edits.before(allocation, code.toArray(AbstractInsnNode[]::new));
  }

  private int elementShift(Type array) {
    return array.getDimensions() > 1 ? referenceShift : shiftOf(array.getElementType());
  }

  private int shiftOf(Type element) {
    return switch (element.getSort()) {
      case Type.BOOLEAN, Type.BYTE -> 0;
      case Type.CHAR, Type.SHORT -> 1;
      case Type.INT, Type.FLOAT -> 2;
      case Type.LONG, Type.DOUBLE -> 3;
      default -> referenceShift;
    };
  }

  private static int primitiveShift(IntInsnNode allocation) {
    return switch (allocation.operand) {
      case Opcodes.T_BOOLEAN, Opcodes.T_BYTE -> 0;
      case Opcodes.T_CHAR, Opcodes.T_SHORT -> 1;
      case Opcodes.T_INT, Opcodes.T_FLOAT -> 2;
      default -> 3;
    };
  }

  private static AbstractInsnNode op(int opcode) {
    return new InsnNode(opcode);
  }
}
