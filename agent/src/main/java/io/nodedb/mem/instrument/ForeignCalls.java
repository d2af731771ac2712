package io.nodedb.mem.instrument;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/**
 * Which calls lead to code that may allocate and does not poll: those of classes that no rule
 * matches, but for {@link QuietCalls} of the JDK. A call is judged by the class that it names. What
 * that class inherits from one without rules, or is overridden in one, polls only at allocations of
 * its callers; growth of the JDK's collections is gated in any case. Not thread-safe.
 */
final class ForeignCalls implements Predicate<AbstractInsnNode> {
  private final Predicate<String> polled;
  private final Map<String, Boolean> owners = new HashMap<>();

  /**
   * As seen from one class.
   *
   * @param polled whether a class, by its internal name, polls by itself
   */
  ForeignCalls(Predicate<String> polled) {
    this.polled = polled;
  }

  @Override
  public boolean test(AbstractInsnNode instruction) {
    return switch (instruction) {
      case InvokeDynamicInsnNode _ -> true;
      case MethodInsnNode call -> !isQuiet(call) && !owners.computeIfAbsent(call.owner, polled::test);
      default -> false;
    };
  }

  /** A constructor runs where an object was made, and there is a poll. */
  private static boolean isQuiet(MethodInsnNode call) {
    return call.name.equals("<init>") || QuietCalls.contain(call);
  }
}
