package io.nodedb.mem.instrument;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/**
 * Which calls lead to code that may allocate and does not poll: those of classes that no rule
 * matches, but for the methods of the JDK known to allocate nothing. A call is judged by the class
 * that it names. What that class inherits from one without rules, or is overridden in one, polls
 * only at allocations of its callers; growth of the JDK's collections is gated in any case.
 * Not thread-safe.
 */
final class ForeignCalls implements Predicate<AbstractInsnNode> {
  private static final String JDK = "java/";

  /** Allocate nothing but exceptions, or what has a gate of its own. */
  private static final Pattern QUIET =
      Pattern.compile(
          "java/lang/((Object|Record|Number|Enum)\\.<init>|Object\\.getClass|Class\\.desiredAssertionStatus|Enum\\.ordinal"
              + "|(String|CharSequence)\\.(charAt|compareTo|equals|hashCode|isEmpty|length)"
              + "|System\\.(arraycopy|currentTimeMillis|identityHashCode|nanoTime)"
              + "|Thread\\.currentThread|ref/\\w+\\.get"
              + "|invoke/VarHandle\\.(get|set|compareAnd|weakCompareAnd)\\w*)"
              + "|java/math/Big(Decimal|Integer)\\.(compareTo|equals|hashCode|scale|signum)"
              + "|java/nio/\\w*Buffer\\.(get|put|position|limit|remaining|hasRemaining)\\w*"
              + "|java/util/(Arrays\\.(copyOf|copyOfRange|compare|compareUnsigned|equals|fill|mismatch)"
              + "|ArrayList\\.get"
              + "|(ArrayDeque|ArrayList|Collection|Deque|HashMap|List|Map|Queue|Set)\\.(isEmpty|size)"
              + "|concurrent/locks/\\w+\\.\\w*([lL]ock|Locked)"
              + "|Objects\\.(check(FromIndexSize|FromToIndex|Index)|requireNonNull)"
              + "|zip/CRC32C?\\.\\w+)");

  /** Those of their methods that yield a primitive compute or fetch; the others box or format. */
  private static final Pattern QUIET_IF_PRIMITIVE =
      Pattern.compile(
          "java/lang/((Math|StrictMath|Boolean|Byte|Character|Short|Integer|Long|Float|Double)\\.\\w+"
              + "|foreign/MemorySegment\\.((get|set)(AtIndex)?|byteSize))"
              + "|java/util/concurrent/atomic/Atomic(Boolean|Integer|Long)"
              + "\\.(get|set|getAndSet|getAndAdd|addAndGet|compareAndSet|\\w*([iI]n|[dD]e)crement\\w*)");

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

  private static boolean isQuiet(MethodInsnNode call) {
    if (!call.owner.startsWith(JDK)) {
      return false;
    }
    var name = call.owner + "." + call.name;
    return QUIET.matcher(name).matches()
        || Type.getReturnType(call.desc).getSort() < Type.ARRAY
            && QUIET_IF_PRIMITIVE.matcher(name).matches();
  }
}
