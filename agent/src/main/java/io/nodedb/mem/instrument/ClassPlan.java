package io.nodedb.mem.instrument;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.MethodNode;

/** Which scope each method of one class gets: member before type before rule. */
final class ClassPlan implements ClassRewriter.Plan {
  private final String className;
  private final ClassLoader loader;
  private final ClassFilter filter;
  private final DeclaredScopes declared;
  private final InstrumentSettings settings;
  private final ScopeResolver resolver;

  ClassPlan(
      String className,
      ClassLoader loader,
      ClassFilter filter,
      DeclaredScopes declared,
      InstrumentSettings settings) {
    this.className = className;
    this.loader = loader;
    this.filter = filter;
    this.declared = declared;
    this.settings = settings;
    this.resolver = new ScopeResolver(settings.sites());
  }

  @Override
  public ResolvedScope scope(MethodNode method, boolean mayAllocate) {
    var spec = declared.member(method.name, method.desc);
    if (spec != null) {
      if (!MethodRewriter.hasCode(method.access)) {
        var kind = (method.access & Opcodes.ACC_NATIVE) != 0 ? "native" : "abstract";
        skipped(method, "@EngineBudget cannot open a scope: the method is " + kind);
        return null;
      }
      return resolver.resolve(spec, "@EngineBudget on " + method.name);
    }
    if (!mayAllocate) {
      return null;
    }
    if (declared.type() != null) {
      return resolver.resolve(declared.type(), "@EngineBudget on the type");
    }
    spec = settings.rules().scope(className, method.name);
    return spec == null ? null : resolver.resolve(spec, "a rule for " + method.name);
  }

  @Override
  public boolean polls(String internalName) {
    return !filter.excludes(internalName, loader)
        && settings.rules().matchesClass(internalName.replace('/', '.'));
  }

  @Override
  public void cleansUp(int[] lines) {
    settings.cleanups().cleansUp(loader, className, lines);
  }

  @Override
  public void skipped(MethodNode method, String reason) {
    settings.reporter()
        .uninstrumentedMethod(className, loader, method.name + method.desc, reason);
  }
}
