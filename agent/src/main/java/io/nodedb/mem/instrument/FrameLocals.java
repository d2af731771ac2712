package io.nodedb.mem.instrument;

import java.util.ArrayList;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.FrameNode;

/** Declares variables that were added to a method in the frames it has. */
final class FrameLocals {
  private FrameLocals() {}

  /**
   * Declares ints behind all variables of a frame; what lies between is unused there.
   *
   * @param frame the frame, expanded
   * @param slot where the first of them is
   * @param count how many
   */
  static void declareInts(FrameNode frame, int slot, int count) {
    var locals = new ArrayList<Object>(frame.local);
    int slots = 0;
    for (var local : locals) {
      slots += local == Opcodes.LONG || local == Opcodes.DOUBLE ? 2 : 1;
    }
    for (; slots < slot; slots++) {
      locals.add(Opcodes.TOP);
    }
    for (int i = 0; i < count; i++) {
      locals.add(Opcodes.INTEGER);
    }
    frame.local = locals;
  }
}
