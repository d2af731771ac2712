package io.nodedb.mem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Native memory without the agent: the JDK's own arenas, nothing pinned, nothing counted. */
final class UngovernedMemory implements NativeMemory {
  static final UngovernedMemory INSTANCE = new UngovernedMemory();

  private final Map<List<String>, CollectionArena> collections = new ConcurrentHashMap<>();

  private UngovernedMemory() {}

  Arena arena(String engine, ArenaOption... options) {
    Objects.requireNonNull(engine, "engine");
    return List.of(options).contains(ArenaOption.SHARED) ? Arena.ofShared() : Arena.ofConfined();
  }

  @Override
  public NativeAllocator allocator(String engine, ArenaOption... options) {
    return new BlockwiseAllocator(engine, options);
  }

  @Override
  public CollectionArena collection(String engine, String tenant, String collection) {
    Objects.requireNonNull(engine, "engine");
    CollectionArena made =
        collections.computeIfAbsent(
            List.of(tenant, collection), key -> new Plain(engine, tenant, collection));
    if (!made.engine().equals(engine)) {
      throw new IllegalArgumentException(
          "engine: '" + engine + "' (expected: '" + made.engine() + "', which owns collection '"
              + collection + "' of tenant '" + tenant + "')");
    }
    return made;
  }

  @Override
  public Optional<CollectionArena> findCollection(String tenant, String collection) {
    return Optional.ofNullable(collections.get(List.of(tenant, collection)));
  }

  @Override
  public NativeSnapshot snapshot() {
    return NativeSnapshot.idle("the JDK's own");
  }

  @Override
  public Registration pinCurrentThread(String engine) {
    Objects.requireNonNull(engine, "engine");
    return () -> {};
  }

  @Override
  public Registration pinCurrentThread(int arena) {
    if (arena < 0) {
      throw new IllegalArgumentException("arena: " + arena + " (expected: 0 or more)");
    }
    return () -> {};
  }

  @Override
  public OptionalInt currentArena() {
    return OptionalInt.empty();
  }

  @Override
  public ExecutorService threadPerCore(String engine, int threads) {
    Objects.requireNonNull(engine, "engine");
    int cores = Runtime.getRuntime().availableProcessors();
    if (threads < 1 || threads > cores) {
      throw new IllegalArgumentException(
          "threads: " + threads + " (expected: 1 to " + cores + ", the cores of this process)");
    }
    return Executors.newFixedThreadPool(threads);
  }

  private record Plain(String engine, String tenant, String collection)
      implements CollectionArena {
    @Override
    public OptionalInt index() {
      return OptionalInt.empty();
    }

    @Override
    public long resident() {
      return 0;
    }

    @Override
    public Arena arena(ArenaOption... options) {
      return INSTANCE.arena(engine, options);
    }
  }

  /** Gives each block an arena of its own, so that it can be freed alone. */
  private static final class BlockwiseAllocator implements NativeAllocator {
    private final String engine;
    private final ArenaOption[] options;

    private final Arena life;

    /** Reading it raises what a closed or another thread's arena raises. */
    private final MemorySegment probe;

    /** By address; guarded by itself. */
    private final Map<Long, Block> blocks = new HashMap<>();

    BlockwiseAllocator(String engine, ArenaOption... options) {
      this.engine = engine;
      this.options = options.clone();
      this.life = INSTANCE.arena(engine, options);
      this.probe = life.allocate(1);
    }

    @Override
    public String engine() {
      return engine;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      synchronized (blocks) {
        probe.get(ValueLayout.JAVA_BYTE, 0);
        Arena own = INSTANCE.arena(engine, options);
        try {
          // One byte at least: an empty block needs an address of its own too.
          MemorySegment segment =
              own.allocate(byteSize == 0 ? 1 : byteSize, byteAlignment).asSlice(0, byteSize);
          blocks.put(segment.address(), new Block(own, byteSize));
          return segment;
        } catch (RuntimeException | Error e) {
          own.close();
          throw e;
        }
      }
    }

    @Override
    public void free(MemorySegment block) {
      synchronized (blocks) {
        probe.get(ValueLayout.JAVA_BYTE, 0);
        Block own = blocks.get(block.address());
        if (own == null || own.size != block.byteSize()) {
          throw new IllegalArgumentException(
              "block: " + block + " (expected: a live block of this allocator)");
        }
        own.arena.close();
        blocks.remove(block.address());
      }
    }

    @Override
    public long allocated() {
      synchronized (blocks) {
        return blocks.values().stream().mapToLong(Block::size).sum();
      }
    }

    @Override
    public void close() {
      synchronized (blocks) {
        life.close();
        blocks.values().forEach(block -> block.arena.close());
        blocks.clear();
      }
    }
  }

  private record Block(Arena arena, long size) {}
}
