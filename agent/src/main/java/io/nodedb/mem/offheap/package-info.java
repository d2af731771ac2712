/**
 * The native ledger: jemalloc, engines' arenas, thread pinning, NUMA. The only package with calls to
 * an allocator and to the kernel's memory policy. Feeds {@link io.nodedb.mem.governor.Account}; the
 * way in is {@code OffheapMemory}.
 */
package io.nodedb.mem.offheap;
