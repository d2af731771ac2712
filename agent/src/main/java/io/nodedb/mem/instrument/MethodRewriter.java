package io.nodedb.mem.instrument;

import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.CodeSizeEvaluator;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.MethodNode;

/**
 * Decides what one method with code gets, within two limits of size: the class file's 64 KiB, and
 * the 8,000 bytes beyond which HotSpot never compiles a method. A method that would pass either
 * because of the polls and gates goes without them and keeps its scope.
 */
final class MethodRewriter {
  /** HotSpot's HugeMethodLimit. */
  static final int LARGEST_COMPILED = 8000;

  /** The class file's limit, less what wider jumps may add. */
  static final int LARGEST = 65_000;

  private static final int LAST_LOCAL = 65_535;

  /** Bytes of a scope's poll. */
  private static final int POLL_SIZE = 3;

  private final String owner;
  private final int classVersion;
  private final int referenceShift;
  private final Polls polls;

  MethodRewriter(String owner, int classVersion, int referenceShift, Polls polls) {
    this.owner = owner;
    this.classVersion = classVersion;
    this.referenceShift = referenceShift;
    this.polls = polls;
  }

  /**
   * Rewrites a method in place.
   *
   * @param method the method
   * @param mayAllocate whether it calls or allocates anything
   * @param scope what to enter, null for none
   * @return whether it changed
   * @throws Unscopable if its scope does not fit; the method is as it was
   */
  boolean rewrite(MethodNode method, boolean mayAllocate, ResolvedScope scope) {
    var constructor =
        scope != null && method.name.equals("<init>") ? new ConstructorBody(owner, method) : null;
    var edits = new Edits();
    var gated = mayAllocate && !method.name.equals("<clinit>");
    int token = method.maxLocals;
    int tokens = scope == null ? 0 : scope.pin() ? 2 : 1;
    if (gated) {
      polls.plan(method, scope != null && constructor == null, edits);
      new AllocationGates(referenceShift, token + tokens, edits).plan(method);
    }
    int room = room(method) - (scope == null ? 0 : ScopeAdvice.sizeFor(method, scope.pin()));
    if (scope != null && (room < 0 || token + tokens > LAST_LOCAL)) {
      throw new Unscopable("it is too large to take a scope");
    }
    // From here on nothing throws. Unlike the rest this makes no code grow.
    var redirected = !method.name.equals("<clinit>") && NativeCalls.redirect(method);
    if (gated && (edits.size() + POLL_SIZE > room || token + 256 > LAST_LOCAL)) {
      gated = false;
    }
    if (gated) {
      edits.apply(method, constructor == null ? Set.of() : constructor.before());
    }
    if (scope != null) {
      new ScopeAdvice(owner, method, token, classVersion).apply(scope, gated, constructor);
    }
    return scope != null || gated && edits.size() > 0 || redirected;
  }

  private static int room(MethodNode method) {
    var evaluator = new CodeSizeEvaluator(null);
    InsnList code = method.instructions;
    code.accept(evaluator);
    int size = evaluator.getMinSize();
    int limit = size <= LARGEST_COMPILED ? LARGEST_COMPILED : LARGEST;
    return limit - size;
  }

  /** Whether a method has code that may be rewritten. */
  static boolean hasCode(int access) {
    return (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
  }
}
