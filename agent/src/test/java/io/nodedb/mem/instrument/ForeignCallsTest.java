package io.nodedb.mem.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

class ForeignCallsTest {
  private final ForeignCalls calls = new ForeignCalls(owner -> owner.startsWith("ruled/"));

  @ParameterizedTest
  @CsvSource({
    "ruled/Tree, add, (I)V",
    "java/lang/Object, <init>, ()V",
    "java/util/ArrayList, <init>, ()V",
    "app/Tree, <init>, (I)V",
    "java/util/HashMap, get, (Ljava/lang/Object;)Ljava/lang/Object;",
    "java/util/Map, size, ()I",
    "java/util/ArrayDeque, pollFirst, ()Ljava/lang/Object;",
    "java/util/concurrent/ConcurrentHashMap, get, (Ljava/lang/Object;)Ljava/lang/Object;",
    "java/util/concurrent/locks/ReentrantReadWriteLock$WriteLock, unlock, ()V",
    "java/math/BigDecimal, precision, ()I",
    "java/lang/String, equalsIgnoreCase, (Ljava/lang/String;)Z",
    "java/lang/Math, max, (II)I",
    "java/lang/Float, intBitsToFloat, (I)F",
    "java/lang/Integer, intValue, ()I",
    "java/lang/String, charAt, (I)C",
    "java/lang/System, arraycopy, (Ljava/lang/Object;ILjava/lang/Object;II)V",
    "java/nio/ByteBuffer, putInt, (I)Ljava/nio/ByteBuffer;",
    "java/lang/invoke/VarHandle, get, ([BI)I",
    "java/lang/foreign/MemorySegment, get, (Ljava/lang/foreign/ValueLayout$OfByte;J)B",
    "java/util/Arrays, copyOf, ([BI)[B",
    "java/util/concurrent/atomic/AtomicLong, getAndIncrement, ()J",
    "java/util/concurrent/atomic/AtomicLong, decrementAndGet, ()J",
    "java/util/zip/CRC32, update, ([BII)V",
  })
  void pollsItselfOrAllocatesNothing(String owner, String name, String descriptor) {
    assertThat(calls.test(call(owner, name, descriptor))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "app/Tree, add, (I)V",
    "ruledToo/Tree, add, (I)V",
    "java/util/Map, get, (Ljava/lang/Object;)Ljava/lang/Object;",
    "java/util/List, get, (I)Ljava/lang/Object;",
    "java/util/Iterator, hasNext, ()Z",
    "java/util/Map$Entry, getValue, ()Ljava/lang/Object;",
    "java/util/Map, put, (Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
    "java/util/Map, computeIfAbsent, (Ljava/lang/Object;Ljava/util/function/Function;)Ljava/lang/Object;",
    "java/util/Iterator, next, ()Ljava/lang/Object;",
    "java/math/BigDecimal, add, (Ljava/math/BigDecimal;)Ljava/math/BigDecimal;",
    "java/nio/ByteBuffer, duplicate, ()Ljava/nio/ByteBuffer;",
    "java/lang/Integer, valueOf, (I)Ljava/lang/Integer;",
    "java/lang/Integer, toString, (I)Ljava/lang/String;",
    "java/lang/String, substring, (I)Ljava/lang/String;",
    "java/nio/ByteBuffer, allocate, (I)Ljava/nio/ByteBuffer;",
    "java/nio/ByteBuffer, slice, ()Ljava/nio/ByteBuffer;",
    "java/lang/invoke/MethodHandle, invokeExact, ()V",
    "java/lang/foreign/MemorySegment, setString, (JLjava/lang/String;)V",
    "java/lang/foreign/MemorySegment, getString, (J)Ljava/lang/String;",
    "java/util/concurrent/atomic/AtomicLong, updateAndGet, (Ljava/util/function/LongUnaryOperator;)J",
    "java/util/Objects, hash, ([Ljava/lang/Object;)I",
  })
  void mayAllocateAndDoesNotPoll(String owner, String name, String descriptor) {
    assertThat(calls.test(call(owner, name, descriptor))).isTrue();
  }

  @Test
  void lambdasAndConcatenationsAllocate() {
    var bootstrap = new Handle(Opcodes.H_INVOKESTATIC, "a/B", "c", "()V", false);
    assertThat(calls.test(new InvokeDynamicInsnNode("run", "()V", bootstrap))).isTrue();
    assertThat(calls.test(new InsnNode(Opcodes.NOP))).isFalse();
  }

  private static MethodInsnNode call(String owner, String name, String descriptor) {
    return new MethodInsnNode(Opcodes.INVOKEVIRTUAL, owner, name, descriptor, false);
  }
}
