import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_char;
import static java.lang.constant.ConstantDescs.CD_int;

import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.function.Function;

/**
 * Has a class read the characters of strings by a method of the agent's instead of
 * {@link String#charAt}. The JIT decides by the profile of {@code charAt}, which all of a JVM share,
 * what to inline into the application's loops; a library that reads class files character by
 * character adds tens of thousands of reads of Latin-1 to that profile, and an application in which one
 * in a hundred is not then finds its loops compiled with a call for those.
 */
final class CharacterReads {
  private static final ClassDesc READER = ClassDesc.of("io.nodedb.mem.instrument.Characters");
  private static final MethodTypeDesc READ = MethodTypeDesc.of(CD_char, CD_String, CD_int);

  private final ClassFile files;

  /**
   * A rewriter.
   *
   * @param classes finds class files that are no classes of the JDK's, for the supertypes in stack maps
   */
  CharacterReads(Function<ClassDesc, InputStream> classes) {
    files =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(classes)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
  }

  /** Rewrites a class file; the same array if nothing in it reads a character. */
  byte[] rewrite(byte[] file) {
    ClassModel type = files.parse(file);
    return type.methods().stream().anyMatch(CharacterReads::reads)
        ? files.transformClass(
            type,
            ClassTransform.transformingMethodBodies(
                CharacterReads::reads,
                (code, element) -> {
                  if (isRead(element)) {
                    code.invokestatic(READER, "at", READ);
                  } else {
                    code.with(element);
                  }
                }))
        : file;
  }

  private static boolean reads(MethodModel method) {
    return method.code().stream()
        .flatMap(CodeModel::elementStream)
        .anyMatch(CharacterReads::isRead);
  }

  private static boolean isRead(CodeElement element) {
    return element instanceof InvokeInstruction call
        && call.opcode() == Opcode.INVOKEVIRTUAL
        && call.owner().asInternalName().equals("java/lang/String")
        && call.name().equalsString("charAt");
  }
}
