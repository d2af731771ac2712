package io.nodedb.mem.mapped;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What lets HotSpot leave a pin, its arena and its segment out of the heap (32 ns and no bytes, else
 * 50 ns and 160 bytes: {@code benchmarks/run PinBenchmark -prof gc}): making the pin is put into its
 * caller, finding the window is not.
 */
class PinShapeTest {
  /** HotSpot's FreqInlineSize: a method of more bytecodes is compiled alone, however hot. */
  private static final int LARGEST_INLINED = 325;

  @Test
  void findingTheWindowIsTooLargeToBeInlinedAndMakingThePinIsNot() throws IOException {
    assertThat(size(WindowMapper.class, "pin")).isGreaterThan(LARGEST_INLINED);
    assertThat(size(MappingManager.class, "pin")).isLessThan(LARGEST_INLINED);
    assertThat(size(ConfinedPin.class, "of")).isLessThan(LARGEST_INLINED);
  }

  private static int size(Class<?> type, String method) throws IOException {
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      ClassModel model = ClassFile.of().parse(Objects.requireNonNull(in).readAllBytes());
      List<CodeAttribute> code =
          model.methods().stream()
              .filter(m -> m.methodName().equalsString(method))
              .flatMap(m -> m.findAttribute(Attributes.code()).stream())
              .toList();
      assertThat(code).as(type + " has one " + method).hasSize(1);
      return code.getFirst().codeLength();
    }
  }
}
