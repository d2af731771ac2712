package io.nodedb.mem.offheap;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The dynamic linker and what every native call here needs. Libraries are opened by {@code dlopen}
 * itself, not by {@link java.lang.foreign.SymbolLookup}, because that hides the reason of a failure
 * and does not see what was preloaded.
 */
@SuppressWarnings("restricted")
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private static final int RTLD_NOW = 2;
  private static final Linker LINKER = Linker.nativeLinker();

  private Native() {}

  /** Whether this is a system the calls here are written for. */
  static boolean supported() {
    String arch = System.getProperty("os.arch");
    return System.getProperty("os.name").equals("Linux")
        && (arch.equals("amd64") || arch.equals("aarch64"));
  }

  /** A handle that takes the function's address first. */
  static MethodHandle handle(FunctionDescriptor function, Linker.Option... options) {
    return LINKER.downcallHandle(function, options);
  }

  /** A handle on a function of the C library. */
  static MethodHandle libc(String name, FunctionDescriptor function, Linker.Option... options) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), function, options);
  }

  /**
   * Opens a library for good.
   *
   * @throws UnsatisfiedLinkError with the linker's own reason
   */
  static MemorySegment open(String library) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle =
          (MemorySegment) Dl.OPEN.invokeExact(arena.allocateFrom(library), RTLD_NOW);
      if (handle.address() == 0) {
        throw new UnsatisfiedLinkError(error(library));
      }
      return handle;
    } catch (Throwable t) {
      throw rethrow(t);
    }
  }

  /** A symbol of an open library, or with {@link MemorySegment#NULL} of the whole process. */
  static Optional<MemorySegment> symbol(MemorySegment library, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment symbol =
          (MemorySegment) Dl.SYM.invokeExact(library, arena.allocateFrom(name));
      return symbol.address() == 0 ? Optional.empty() : Optional.of(symbol);
    } catch (Throwable t) {
      throw rethrow(t);
    }
  }

  /** The file that a symbol of this process comes from. */
  static Optional<String> fileOf(MemorySegment symbol) {
    try (Arena arena = Arena.ofConfined()) {
      // Dl_info: four pointers, the first is the file's name.
      MemorySegment info = arena.allocate(POINTER, 4);
      int found = (int) Dl.ADDR.invokeExact(symbol, info);
      return found == 0 ? Optional.empty() : Optional.of(string(info.get(POINTER, 0)));
    } catch (Throwable t) {
      throw rethrow(t);
    }
  }

  /** A C string. */
  static String string(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(4096).getString(0);
  }

  /** What a call of a method handle threw: always unchecked here. */
  static RuntimeException rethrow(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    if (t instanceof RuntimeException e) {
      throw e;
    }
    throw new IllegalStateException(t);
  }

  private static String error(String library) throws Throwable {
    MemorySegment reason = (MemorySegment) Dl.ERROR.invokeExact();
    return reason.address() == 0 ? library + ": cannot be loaded" : string(reason);
  }

  /** Loaded on first use, on Linux only. */
  private static final class Dl {
    static final MethodHandle OPEN =
        libc("dlopen", FunctionDescriptor.of(POINTER, POINTER, INT));
    static final MethodHandle SYM =
        libc("dlsym", FunctionDescriptor.of(POINTER, POINTER, POINTER));
    static final MethodHandle ADDR =
        libc("dladdr", FunctionDescriptor.of(INT, POINTER, POINTER));
    static final MethodHandle ERROR = libc("dlerror", FunctionDescriptor.of(POINTER));
  }
}
