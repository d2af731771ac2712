import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Gives every lambda and method reference of compiled classes an ordinary class. The JVM would spin
 * one for each at run time, which at the start, interpreted, takes many times what loading takes; an
 * agent runs before anything is warm.
 *
 * <p>Run on a directory of classes, in place. What was done already is left alone, and so is what is
 * more than a plain functional interface (serializable, or several interfaces at once).
 */
final class LambdaClasses {
  private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";
  private static final String MADE = "$$L";
  private static final int SYNTHETIC_CLASS = ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC;

  private final Path root;

  /**
   * With a constant pool made anew, which drops the call sites; supertypes, for stack maps, are looked
   * up in the class path of this program.
   */
  private final ClassFile files =
      ClassFile.of(
          ClassFile.ConstantPoolSharingOption.NEW_POOL,
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(LambdaClasses.class.getClassLoader())
                  .orElse(ClassHierarchyResolver.defaultResolver())));

  /** New members of nests, by their hosts' internal names. */
  private final Map<String, List<ClassDesc>> nests = new HashMap<>();

  private LambdaClasses(Path root) {
    this.root = root;
  }

  /**
   * Rewrites.
   *
   * @param args a directory of classes; then the packages below it that stay as they are, with slashes
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    LambdaClasses run = new LambdaClasses(Path.of(args[0]));
    Set<Path> kept = new HashSet<>();
    for (int i = 1; i < args.length; i++) {
      kept.add(run.root.resolve(args[i]));
    }
    List<Path> classes;
    try (Stream<Path> all = Files.walk(run.root)) {
      classes =
          all.filter(f -> f.toString().endsWith(".class") && !kept.contains(f.getParent()))
              .sorted()
              .toList();
    }
    for (Path each : classes) {
      int made = each.toString().indexOf(MADE);
      if (made < 0) {
        run.rewrite(each);
      } else if (Files.notExists(Path.of(each.toString().substring(0, made) + ".class"))) {
        // Its host's source is gone; the compiler, which cleans up, does not know of this one.
        Files.delete(each);
      }
    }
    for (Map.Entry<String, List<ClassDesc>> nest : run.nests.entrySet()) {
      run.join(nest.getKey(), nest.getValue());
    }
  }

  private void rewrite(Path file) throws IOException {
    ClassModel host = files.parse(file);
    List<ClassDesc> members = new ArrayList<>();
    byte[] bytes =
        files.transformClass(
            host,
            ClassTransform.transformingMethodBodies(
                (code, element) -> {
                  if (element instanceof InvokeDynamicInstruction site && isPlainLambda(site)) {
                    ClassDesc lambda = make(host, members.size(), site);
                    members.add(lambda);
                    code.invokestatic(lambda, "of", site.typeSymbol());
                  } else {
                    code.with(element);
                  }
                }));
    if (!members.isEmpty()) {
      Files.write(file, bytes);
      int left = members.size();
      while (Files.deleteIfExists(made(host, left))) {
        left++;
      }
      nests.computeIfAbsent(nestHost(host), n -> new ArrayList<>()).addAll(members);
    }
  }

  private static boolean isPlainLambda(InvokeDynamicInstruction site) {
    return site.bootstrapMethod().owner().descriptorString().equals("L" + METAFACTORY + ";")
        && site.bootstrapMethod().methodName().equals("metafactory");
  }

  private static String nestHost(ClassModel host) {
    return host.findAttribute(Attributes.nestHost())
        .map(a -> a.nestHost().asInternalName())
        .orElse(host.thisClass().asInternalName());
  }

  /** One class: captured values in fields, a factory {@code of}, and the interface's one method. */
  private ClassDesc make(ClassModel host, int number, InvokeDynamicInstruction site) {
    MethodTypeDesc captured = site.typeSymbol();
    ClassDesc type = captured.returnType();
    MethodTypeDesc erased = (MethodTypeDesc) site.bootstrapArgs().get(0);
    DirectMethodHandleDesc target = (DirectMethodHandleDesc) site.bootstrapArgs().get(1);
    MethodTypeDesc exact = (MethodTypeDesc) site.bootstrapArgs().get(2);
    ClassDesc self = ClassDesc.ofInternalName(host.thisClass().asInternalName() + MADE + number);
    byte[] bytes =
        files.build(
            self,
            to -> {
              to.withVersion(host.majorVersion(), 0)
                  .withFlags(SYNTHETIC_CLASS)
                  .withInterfaceSymbols(type)
                  .with(NestHostAttribute.of(ClassDesc.ofInternalName(nestHost(host))));
              fields(to, self, captured);
              to.withMethodBody(
                  site.name().stringValue(),
                  erased,
                  ClassFile.ACC_PUBLIC,
                  code -> call(code, self, captured, erased, target, exact));
            });
    try {
      Files.write(made(host, number), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return self;
  }

  private Path made(ClassModel host, int number) {
    return root.resolve(host.thisClass().asInternalName() + MADE + number + ".class");
  }

  /** What captures nothing is made once, as the JVM does. */
  private static void fields(ClassBuilder to, ClassDesc self, MethodTypeDesc captured) {
    MethodTypeDesc init = captured.changeReturnType(CD_void);
    int count = captured.parameterCount();
    for (int i = 0; i < count; i++) {
      to.withField("c" + i, captured.parameterType(i), ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
    }
    to.withMethodBody(
        INIT_NAME,
        init,
        ClassFile.ACC_PRIVATE,
        code -> {
          code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void);
          for (int i = 0; i < count; i++) {
            ClassDesc field = captured.parameterType(i);
            code.aload(0)
                .loadLocal(TypeKind.from(field), code.parameterSlot(i))
                .putfield(self, "c" + i, field);
          }
          code.return_();
        });
    if (count == 0) {
      int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;
      to.withField("ONE", self, flags);
      to.withMethodBody(
          "<clinit>",
          MTD_void,
          ClassFile.ACC_STATIC,
          code ->
              code.new_(self).dup().invokespecial(self, INIT_NAME, init)
                  .putstatic(self, "ONE", self).return_());
    }
    to.withMethodBody(
        "of",
        captured,
        ClassFile.ACC_STATIC,
        code -> {
          if (count == 0) {
            code.getstatic(self, "ONE", self).areturn();
            return;
          }
          code.new_(self).dup();
          for (int i = 0; i < count; i++) {
            code.loadLocal(TypeKind.from(captured.parameterType(i)), code.parameterSlot(i));
          }
          code.invokespecial(self, INIT_NAME, init).areturn();
        });
  }

  private static void call(
      CodeBuilder code,
      ClassDesc self,
      MethodTypeDesc captured,
      MethodTypeDesc erased,
      DirectMethodHandleDesc target,
      MethodTypeDesc exact) {
    boolean constructs = target.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR;
    // The receiver first, where there is one: a handle's type shows it, a constructor's has none.
    MethodTypeDesc takes = target.invocationType();
    if (constructs) {
      code.new_(target.owner()).dup();
    }
    int parameter = 0;
    for (int i = 0; i < captured.parameterCount(); i++) {
      ClassDesc from = captured.parameterType(i);
      code.aload(0).getfield(self, "c" + i, from);
      convert(code, from, from, takes.parameterType(parameter++));
    }
    for (int i = 0; i < erased.parameterCount(); i++) {
      ClassDesc from = erased.parameterType(i);
      code.loadLocal(TypeKind.from(from), code.parameterSlot(i));
      convert(code, from, exact.parameterType(i), takes.parameterType(parameter++));
    }
    MethodTypeDesc descriptor = MethodTypeDesc.ofDescriptor(target.lookupDescriptor());
    switch (target.kind()) {
      case STATIC, INTERFACE_STATIC ->
          code.invokestatic(
              target.owner(), target.methodName(), descriptor, target.isOwnerInterface());
      case VIRTUAL, SPECIAL, INTERFACE_SPECIAL ->
          // Of the nest, so that a private method, too, is invoked virtually (JEP 181).
          code.invoke(
              target.isOwnerInterface()
                  ? Opcode.INVOKEINTERFACE
                  : Opcode.INVOKEVIRTUAL,
              target.owner(),
              target.methodName(),
              descriptor,
              target.isOwnerInterface());
      case INTERFACE_VIRTUAL ->
          code.invokeinterface(target.owner(), target.methodName(), descriptor);
      case CONSTRUCTOR -> code.invokespecial(target.owner(), INIT_NAME, descriptor);
      default -> throw new IllegalStateException(target + " in a lambda");
    }
    ClassDesc result = constructs ? target.owner() : descriptor.returnType();
    ClassDesc wanted = erased.returnType();
    if (wanted.equals(CD_void)) {
      if (!result.equals(CD_void)) {
        pop(code, result);
      }
    } else {
      convert(code, result, result, wanted);
    }
    code.return_(TypeKind.from(wanted));
  }

  private static void pop(CodeBuilder code, ClassDesc type) {
    if (TypeKind.from(type).slotSize() == 2) {
      code.pop2();
    } else {
      code.pop();
    }
  }

  /**
   * From what is on the stack to what is wanted: casts, boxes, widens.
   *
   * @param from its type on the stack
   * @param known what it is known to be, if that says more
   */
  private static void convert(CodeBuilder code, ClassDesc from, ClassDesc known, ClassDesc to) {
    if (from.isPrimitive() && to.isPrimitive()) {
      if (!from.equals(to)) {
        code.conversion(TypeKind.from(from), TypeKind.from(to));
      }
    } else if (from.isPrimitive()) {
      ClassDesc box = Boxes.of(from);
      code.invokestatic(box, "valueOf", MethodTypeDesc.of(box, from));
    } else if (to.isPrimitive()) {
      ClassDesc box = Boxes.isBox(known) ? known : Boxes.of(to);
      if (!from.equals(box)) {
        code.checkcast(box);
      }
      ClassDesc plain = Boxes.plain(box);
      code.invokevirtual(box, plain.displayName() + "Value", MethodTypeDesc.of(plain));
      convert(code, plain, plain, to);
    } else if (!from.equals(to) && !to.equals(CD_Object)) {
      code.checkcast(to);
    }
  }

  /** Tells a nest's host of its new members. */
  private void join(String host, List<ClassDesc> members) throws IOException {
    Path file = root.resolve(host + ".class");
    ClassModel model = files.parse(file);
    // A set: the host may be as a former run left it, with only a member compiled anew.
    Set<ClassDesc> all = new LinkedHashSet<>();
    model
        .findAttribute(Attributes.nestMembers())
        .ifPresent(a -> a.nestMembers().forEach(m -> all.add(m.asSymbol())));
    all.addAll(members);
    Files.write(
        file,
        files.transformClass(
            model,
            ClassTransform.dropping(e -> e instanceof NestMembersAttribute)
                .andThen(
                    ClassTransform.endHandler(
                        b -> b.with(NestMembersAttribute.ofSymbols(List.copyOf(all)))))));
  }

  /** Primitive types and their boxes. */
  private static final class Boxes {
    private static final Map<String, String> NAMES =
        Map.of(
            "Z", "Boolean", "B", "Byte", "S", "Short", "C", "Character",
            "I", "Integer", "J", "Long", "F", "Float", "D", "Double");
    private static final Map<ClassDesc, ClassDesc> PLAIN = new HashMap<>();
    private static final Map<ClassDesc, ClassDesc> BOX = new HashMap<>();

    static {
      NAMES.forEach(
          (plain, box) -> {
            ClassDesc p = ClassDesc.ofDescriptor(plain);
            ClassDesc b = ClassDesc.of("java.lang", box);
            PLAIN.put(b, p);
            BOX.put(p, b);
          });
    }

    static ClassDesc of(ClassDesc plain) {
      return BOX.get(plain);
    }

    static boolean isBox(ClassDesc type) {
      return PLAIN.containsKey(type);
    }

    static ClassDesc plain(ClassDesc box) {
      return PLAIN.get(box);
    }
  }
}
