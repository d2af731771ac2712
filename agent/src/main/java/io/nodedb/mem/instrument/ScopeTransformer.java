package io.nodedb.mem.instrument;

import io.nodedb.mem.hook.Hooks;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassTooLargeException;
import org.objectweb.asm.MethodTooLargeException;

/**
 * Rewrites the classes that rules match or {@code @EngineBudget} annotates, as they are loaded or
 * retransformed. Thread-safe.
 *
 * <p>Class loading never fails because of it: whatever goes wrong, the class stays as it is and the
 * {@link Reporter} is told. What cannot be meant is passed over by its name and by a scan of its
 * constants, before any of ASM is loaded. Its own work is charged to no engine, though it runs on a
 * thread that may be inside a scope.
 *
 * <p>It loads classes of its own while it works; the JVM runs no transformer for a class loaded by
 * a thread that is inside one, so it needs no guard against recursion.
 */
public final class ScopeTransformer implements ClassFileTransformer {
  private final InstrumentSettings settings;
  private final ClassFilter filter = new ClassFilter();
  private final ConstantPool annotations = new ConstantPool(DeclaredScopes.ANNOTATION);
  private final HookVisibility hooks = new HookVisibility();

  /**
   * A transformer.
   *
   * @param settings what it works with
   */
  public ScopeTransformer(InstrumentSettings settings) {
    this.settings = settings;
  }

  @Override
  public byte[] transform(
      Module module,
      ClassLoader loader,
      String className,
      Class<?> classBeingRedefined,
      ProtectionDomain protectionDomain,
      byte[] classfileBuffer) {
    if (filter.excludes(className, loader)) {
      return null;
    }
    int token = Hooks.SAME;
    try {
      token = Hooks.enter(Hooks.NONE);
      return rewrite(loader, className.replace('/', '.'), classfileBuffer);
    } catch (Throwable t) { // Also errors: a class must load where the stack or the heap is short.
      report(loader, className, t);
      return null;
    } finally {
      Hooks.exit(token);
    }
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String className,
      Class<?> classBeingRedefined,
      ProtectionDomain protectionDomain,
      byte[] classfileBuffer) {
    return transform(
        null, loader, className, classBeingRedefined, protectionDomain, classfileBuffer);
  }

  /**
   * Whether a loaded class could be one to rewrite. Asking it for its methods' annotations would load
   * and link classes of the application, so of classes outside the JDK all could.
   *
   * @param type the class
   * @return whether to retransform it
   */
  boolean isCandidate(Class<?> type) {
    var loader = type.getClassLoader();
    var name = type.getName();
    if (type.isHidden() || type.isArray() || type.isPrimitive()) {
      return false;
    }
    if (filter.excludes(name.replace('.', '/'), loader)) {
      return false;
    }
    return !filter.isJdk(loader) || settings.rules().matchesClass(name);
  }

  private byte[] rewrite(ClassLoader loader, String name, byte[] file) {
    var annotated = annotations.mentions(file) && !filter.isJdk(loader);
    var ruled = settings.rules().matchesClass(name);
    if (!annotated && !ruled) {
      return null;
    }
    var reader = new ClassReader(file);
    var declared = annotated ? DeclaredScopes.read(reader) : DeclaredScopes.none();
    if (!ruled && declared.isEmpty()) {
      return null;
    }
    if (!hooks.from(loader)) {
      throw new Unscopable("its class loader hides " + Hooks.class.getName() + " from it");
    }
    var plan = new ClassPlan(name, loader, filter, declared, settings);
    return ClassRewriter.rewrite(reader, plan, settings.referenceShift());
  }

  private void report(ClassLoader loader, String className, Throwable cause) {
    try {
      var name = className.replace('/', '.');
      settings.reporter().uninstrumented(name, loader, reason(cause));
    } catch (Throwable t) {
      // The report is lost rather than the class.
    }
  }

  private static String reason(Throwable cause) {
    return switch (cause) {
      case Unscopable e -> e.getMessage();
      case MethodTooLargeException e ->
          "method " + e.getMethodName() + e.getDescriptor() + " would grow past 64 KiB";
      case ClassTooLargeException e -> "its constant pool would grow past 65,535 entries";
      default -> cause.toString();
    };
  }
}
