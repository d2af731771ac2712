package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.BasicInterpreter;
import org.objectweb.asm.tree.analysis.BasicValue;

/**
 * What {@link Polls} promises, for every method of some libraries: each way through it, and each turn
 * of a loop, that allocates or leaves has a poll or a gate, but for what is made to be thrown. Judged by
 * the ways that ASM's own analyzer finds.
 */
class PollsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.h2.Driver",
        "org.assertj.core.api.Assertions",
        "com.typesafe.config.Config",
        "picocli.CommandLine",
        "io.nodedb.mem.instrument.PollsTest",
      })
  void noWayAndNoTurnAllocatesWithoutAPoll(String member) throws Exception {
    var source = Class.forName(member).getProtectionDomain().getCodeSource();
    var unpolled = new ArrayList<String>();
    int[] methods = new int[1];
    for (var file : classes(Path.of(source.getLocation().toURI()))) {
      var type = new ClassNode();
      new ClassReader(file).accept(type, 0);
      var leaves = new ForeignCalls(owner -> owner.equals(type.name));
      for (var method : type.methods) {
        if (method.instructions.size() > 0) {
          methods[0] += check(type.name, method, leaves, unpolled);
        }
      }
    }
    assertThat(unpolled).isEmpty();
    assertThat(methods[0]).isGreaterThan(50);
  }

  private static List<byte[]> classes(Path path) throws Exception {
    var files = new ArrayList<byte[]>();
    if (path.toString().endsWith(".jar")) {
      try (var jar = new JarFile(path.toFile())) {
        for (var entry : jar.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
          files.add(jar.getInputStream(entry).readAllBytes());
        }
      }
    } else {
      try (var all = Files.walk(path)) {
        for (var file : all.filter(f -> f.toString().endsWith(".class")).toList()) {
          files.add(Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  /** Rewrites the method, and says whether that inserted anything. */
  private static int check(
      String owner, MethodNode method, ForeignCalls leaves, List<String> unpolled)
      throws AnalyzerException {
    var edits = new Edits();
    new Polls(leaves).plan(method, false, edits);
    new AllocationGates(2, method.maxLocals, edits).plan(method);
    var reasons = new ArrayList<AbstractInsnNode>();
    var asserted = asserted(method);
    for (var i : method.instructions) {
      boolean counts = leaves.test(i) || i.getOpcode() == Opcodes.NEW;
      if (counts && !asserted.get(method.instructions.indexOf(i))) {
        reasons.add(i);
      }
    }
    edits.apply(method, Set.of());
    method.maxLocals += 16;
    method.maxStack += 8;
    var ways = new Ways(owner, method);
    for (var reason : reasons) {
      int at = method.instructions.indexOf(reason);
      var normally = ways.normally(at);
      if (!normally.get(at) && !ways.returns(normally)) {
        continue; // ends in an exception
      }
      var unseen = ways.unpolled(at);
      if (unseen.get(at)) {
        unpolled.add(owner + "." + method.name + method.desc + ": a turn through " + at);
      } else if (ways.unpolledFromStart().get(at) && ways.returns(unseen)) {
        unpolled.add(owner + "." + method.name + method.desc + ": a way through " + at);
      }
    }
    return edits.size() > 0 ? 1 : 0;
  }

  private static BitSet asserted(MethodNode method) {
    var asserted = new BitSet();
    for (var i : method.instructions) {
      if (i instanceof FieldInsnNode field
          && field.name.equals("$assertionsDisabled")
          && field.getNext() instanceof JumpInsnNode jump) {
        asserted.set(method.instructions.indexOf(i), method.instructions.indexOf(jump.label));
      }
    }
    return asserted;
  }

  /** Where control goes in a method that has its polls. */
  private static final class Ways extends Analyzer<BasicValue> {
    private final MethodNode method;
    private final BitSet[] next;
    private final BitSet[] all;
    private final BitSet hooked = new BitSet();

    Ways(String owner, MethodNode method) throws AnalyzerException {
      super(new BasicInterpreter());
      this.method = method;
      int size = method.instructions.size();
      next = new BitSet[size];
      all = new BitSet[size];
      for (int i = 0; i < size; i++) {
        next[i] = new BitSet();
        all[i] = new BitSet();
        hooked.set(
            i,
            method.instructions.get(i) instanceof MethodInsnNode call
                && call.owner.equals(HookCalls.HOOKS)
                && !call.name.equals("times"));
      }
      analyze(owner, method);
    }

    @Override
    protected void newControlFlowEdge(int from, int to) {
      next[from].set(to);
      all[from].set(to);
    }

    @Override
    protected boolean newControlFlowExceptionEdge(int from, int to) {
      // What a NEW throws, it throws instead of allocating.
      int opcode = method.instructions.get(from).getOpcode();
      if (opcode != Opcodes.NEW) {
        all[from].set(to);
      }
      return true;
    }

    /** What may follow one instruction if nothing is thrown. */
    BitSet normally(int start) {
      return walk(start, new BitSet(), next, new BitSet());
    }

    /** What may follow it before a poll. */
    BitSet unpolled(int start) {
      return walk(start, new BitSet(), all, hooked);
    }

    BitSet unpolledFromStart() {
      var first = new BitSet();
      first.set(0);
      return walk(0, first, all, hooked);
    }

    private static BitSet walk(int start, BitSet reached, BitSet[] ways, BitSet stops) {
      var open = new ArrayList<Integer>(List.of(start));
      while (!open.isEmpty()) {
        int from = open.removeLast();
        if (!stops.get(from)) {
          ways[from].stream()
              .filter(to -> !reached.get(to))
              .forEach(
                  to -> {
                    reached.set(to);
                    open.add(to);
                  });
        }
      }
      return reached;
    }

    boolean returns(BitSet reached) {
      return reached.stream().anyMatch(i -> Surround.isReturn(method.instructions.get(i)));
    }
  }
}
