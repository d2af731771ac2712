package io.nodedb.mem.offheap;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Charges for {@code sun.misc.Unsafe} memory, by address. What code outside matched classes frees is
 * noticed when the address is handed out again.
 */
final class UnsafeMemory {
  private final Map<Long, Charge> charges = new ConcurrentHashMap<>();

  long allocate(Object unsafe, long bytes, Charge charge) {
    if (charge == null) {
      return Calls.allocate(unsafe, bytes);
    }
    return charge.during(
        () -> {
          long address = Calls.allocate(unsafe, bytes);
          keep(address, charge);
          return address;
        });
  }

  long reallocate(Object unsafe, long address, long bytes, Charge charge) {
    // Forgotten first: once the block has moved, its old address may be another thread's.
    Charge old = charges.remove(address);
    boolean done = false;
    try {
      long moved =
          charge == null
              ? Calls.reallocate(unsafe, address, bytes)
              : charge.during(() -> Calls.reallocate(unsafe, address, bytes));
      if (charge != null) {
        keep(moved, charge);
      }
      done = true;
      return moved;
    } finally {
      if (old != null) {
        if (done) {
          old.run();
        } else {
          charges.put(address, old);
        }
      }
    }
  }

  void free(Object unsafe, long address) {
    Charge charge = charges.remove(address);
    Calls.free(unsafe, address);
    if (charge != null) {
      charge.run();
    }
  }

  private void keep(long address, Charge charge) {
    Charge stale = charges.put(address, charge);
    if (stale != null) {
      stale.run();
    }
  }

  /** Loaded when the first Unsafe comes along: there may be no such class in a runtime image. */
  private static final class Calls {
    private static final MethodHandle ALLOCATE = find("allocateMemory", long.class, long.class);
    private static final MethodHandle REALLOCATE =
        find("reallocateMemory", long.class, long.class, long.class);
    private static final MethodHandle FREE = find("freeMemory", void.class, long.class);

    static long allocate(Object unsafe, long bytes) {
      try {
        return (long) ALLOCATE.invokeExact(unsafe, bytes);
      } catch (Throwable t) {
        throw Native.rethrow(t);
      }
    }

    static long reallocate(Object unsafe, long address, long bytes) {
      try {
        return (long) REALLOCATE.invokeExact(unsafe, address, bytes);
      } catch (Throwable t) {
        throw Native.rethrow(t);
      }
    }

    static void free(Object unsafe, long address) {
      try {
        FREE.invokeExact(unsafe, address);
      } catch (Throwable t) {
        throw Native.rethrow(t);
      }
    }

    private static MethodHandle find(String name, Class<?> result, Class<?>... arguments) {
      try {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        MethodHandle handle =
            MethodHandles.publicLookup()
                .findVirtual(unsafe, name, MethodType.methodType(result, arguments));
        return handle.asType(handle.type().changeParameterType(0, Object.class));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("sun.misc.Unsafe." + name + " is not there", e);
      }
    }
  }
}
