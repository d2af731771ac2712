package io.nodedb.mem.offheap;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * One engine's arenas, made when first asked for: for each NUMA node one that charged calls allocate
 * from, and one for whatever pinned threads allocate. The two are kept apart so that no byte can be
 * counted twice: the first is known call by call, the second from the allocator's statistics.
 *
 * <p>Where no arena can be made, -1 stands for the allocator's automatic arenas.
 */
final class EngineArenas {
  private static final int UNMADE = -2;

  private final NativeHeap heap;
  private final AtomicIntegerArray charged;
  private final AtomicIntegerArray pinned;
  private final List<Integer> ofCollections = new ArrayList<>();

  EngineArenas(NativeHeap heap, int nodes) {
    this.heap = heap;
    this.charged = unmade(nodes);
    this.pinned = unmade(nodes);
  }

  /** The arena of charged calls. */
  int charged(int node) {
    return made(charged, node);
  }

  /** The arena of pinned threads. */
  int pinned(int node) {
    return made(pinned, node);
  }

  /** A new arena for a collection, or -1. */
  int newOfCollection() {
    int arena = heap.newArena();
    if (arena >= 0) {
      synchronized (ofCollections) {
        ofCollections.add(arena);
      }
    }
    return arena;
  }

  /** Those of pinned threads that exist. */
  List<Integer> pinned() {
    return existing(pinned);
  }

  /** All that exist. */
  List<Integer> all() {
    List<Integer> all = existing(charged);
    all.addAll(existing(pinned));
    synchronized (ofCollections) {
      all.addAll(ofCollections);
    }
    return all;
  }

  private int made(AtomicIntegerArray arenas, int node) {
    int arena = arenas.get(node);
    if (arena == UNMADE) {
      synchronized (arenas) {
        arena = arenas.get(node);
        if (arena == UNMADE) {
          arena = heap.newArena();
          arenas.set(node, arena);
        }
      }
    }
    return arena;
  }

  private static List<Integer> existing(AtomicIntegerArray arenas) {
    List<Integer> list = new ArrayList<>();
    for (int i = 0; i < arenas.length(); i++) {
      if (arenas.get(i) >= 0) {
        list.add(arenas.get(i));
      }
    }
    return list;
  }

  private static AtomicIntegerArray unmade(int nodes) {
    AtomicIntegerArray arenas = new AtomicIntegerArray(nodes);
    for (int i = 0; i < nodes; i++) {
      arenas.set(i, UNMADE);
    }
    return arenas;
  }
}
