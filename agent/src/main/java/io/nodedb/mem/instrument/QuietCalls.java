package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.tree.MethodInsnNode;

/**
 * Methods of the JDK that need no poll on their behalf: they allocate nothing but exceptions, or only
 * what has a gate of its own, or hand out what was there before. An interface's methods that hand
 * something out are not among them: an application may have a map that makes what it is asked for,
 * and keeps it.
 */
final class QuietCalls {
  private static final Map<String, List<String>> ALL = new HashMap<>();

  /** Of these, the methods that yield a primitive or nothing: the others box, format or wrap. */
  private static final Map<String, List<String>> PRIMITIVE = new HashMap<>();

  static {
    all("java/lang/", "Object", "equals getClass hashCode");
    all("java/lang/", "Class", "cast desiredAssertionStatus getName isInstance");
    all("java/lang/", "Enum", "name ordinal");
    all("java/lang/", "Comparable", "compareTo");
    all(
        "java/lang/",
        "CharSequence String",
        "charAt compareTo* contains contentEquals endsWith equals* getChars hashCode indexOf isBlank"
            + " isEmpty lastIndexOf length regionMatches startsWith");
    all("java/lang/", "System", "arraycopy currentTimeMillis identityHashCode nanoTime");
    all("java/lang/", "Thread", "currentThread interrupted isInterrupted");
    all("java/lang/invoke/", "VarHandle", "get* set* compareAnd* weakCompareAnd*");
    all("java/lang/ref/", "Reference SoftReference WeakReference", "get refersTo");
    all(
        "java/math/",
        "BigDecimal BigInteger",
        "compareTo equals hashCode precision scale signum");
    all(
        "java/nio/",
        "Buffer ByteBuffer MappedByteBuffer CharBuffer ShortBuffer IntBuffer LongBuffer FloatBuffer"
            + " DoubleBuffer",
        "array* capacity clear flip get* hasArray hasRemaining limit order position put* remaining"
            + " rewind");
    all(
        "java/util/",
        "Arrays",
        "binarySearch compare* copyOf copyOfRange equals fill hashCode mismatch");
    all("java/util/", "Objects", "check* equals hashCode requireNonNull");
    all("java/util/", "Comparator", "compare");
    all(
        "java/util/",
        "HashMap LinkedHashMap TreeMap concurrent/ConcurrentHashMap",
        "clear containsKey get getOrDefault isEmpty remove size");
    all(
        "java/util/",
        "HashSet LinkedHashSet TreeSet ArrayList LinkedList ArrayDeque PriorityQueue",
        "clear contains get getFirst getLast indexOf isEmpty peek* poll* pop remove removeFirst"
            + " removeLast size");
    all("java/util/", "Collection Deque List Map Queue Set", "isEmpty size");
    all(
        "java/util/concurrent/atomic/",
        "AtomicReference AtomicReferenceArray",
        "compareAndSet get getAndSet set");
    all(
        "java/util/concurrent/locks/",
        "Lock ReadWriteLock ReentrantLock ReentrantReadWriteLock ReentrantReadWriteLock$ReadLock"
            + " ReentrantReadWriteLock$WriteLock StampedLock",
        "isHeldByCurrentThread isLocked isReadLocked isWriteLocked lock readLock tryLock unlock"
            + " writeLock");
    all("java/util/zip/", "CRC32 CRC32C", "*");
    primitive(
        "java/lang/", "Math StrictMath Boolean Byte Character Short Integer Long Float Double", "*");
    primitive("java/lang/foreign/", "MemorySegment", "byteSize get getAtIndex set setAtIndex");
    primitive(
        "java/util/concurrent/atomic/",
        "AtomicBoolean AtomicInteger AtomicLong",
        "addAndGet compareAndSet decrementAndGet get getAndAdd getAndDecrement getAndIncrement"
            + " getAndSet incrementAndGet set");
  }

  private QuietCalls() {}

  private static void all(String where, String classes, String methods) {
    put(ALL, where, classes, methods);
  }

  private static void primitive(String where, String classes, String methods) {
    put(PRIMITIVE, where, classes, methods);
  }

  private static void put(
      Map<String, List<String>> table, String where, String classes, String methods) {
    for (var each : classes.split(" ")) {
      table
          .computeIfAbsent(where + each, _ -> new ArrayList<>())
          .addAll(List.of(methods.split(" ")));
    }
  }

  /** Whether a call is of such a method. */
  static boolean contain(MethodInsnNode call) {
    return matches(ALL, call)
        || matches(PRIMITIVE, call) && !returnsReference(call.desc);
  }

  /** A star stands for the rest of a name. */
  private static boolean matches(Map<String, List<String>> table, MethodInsnNode call) {
    for (var name : table.getOrDefault(call.owner, List.of())) {
      if (name.endsWith("*")
          ? call.name.startsWith(name.substring(0, name.length() - 1))
          : call.name.equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean returnsReference(String descriptor) {
    return descriptor.endsWith(";") || descriptor.contains(")[");
  }
}
