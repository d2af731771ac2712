package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;

class ConstantPoolTest {
  private final ConstantPool pool = new ConstantPool("Lsome/Name;");

  @Test
  void findsAConstantBehindEveryKindOfOther() {
    assertThat(pool.mentions(constants("Lsome/Name;"))).isTrue();
  }

  @Test
  void takesNeitherPrefixNorSuffixForTheConstant() {
    assertThat(pool.mentions(constants("Lsome/Names;"))).isFalse();
    assertThat(pool.mentions(constants("some/Name;"))).isFalse();
    assertThat(pool.mentions(constants("(Lsome/Name;)V"))).isFalse();
  }

  @Test
  void isCalmAboutWhatIsNoClassFile() {
    assertThat(pool.mentions(new byte[0])).isFalse();
    assertThat(pool.mentions(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x7f, 99, 0, 0})).isFalse();
    var whole = constants("Lsome/Name;");
    for (int length = 0; length < whole.length; length++) {
      pool.mentions(Arrays.copyOf(whole, length));
    }
  }

  private static byte[] constants(String last) {
    var writer = new ClassWriter(0);
    writer.newConst(1);
    writer.newConst(1.5f);
    writer.newConst(1L);
    writer.newConst(1.5);
    writer.newField("o", "f", "I");
    writer.newMethod("o", "m", "()V", false);
    writer.newMethod("o", "m", "()V", true);
    writer.newMethodType("()V");
    writer.newModule("m");
    writer.newPackage("p");
    var handle = new Handle(Opcodes.H_INVOKESTATIC, "o", "b", "()V", false);
    writer.newHandle(Opcodes.H_INVOKESTATIC, "o", "b", "()V", false);
    writer.newInvokeDynamic("d", "()V", handle);
    writer.newConstantDynamic("c", "I", handle);
    writer.newUTF8(last);
    return writer.toByteArray();
  }
}
