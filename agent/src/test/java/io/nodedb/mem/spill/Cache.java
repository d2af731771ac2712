package io.nodedb.mem.spill;

import io.nodedb.mem.Reservation;
import io.nodedb.mem.SpillContext;
import io.nodedb.mem.Spillable;
import io.nodedb.mem.governor.Governor;
import java.util.ArrayList;
import java.util.List;

/** A handler that behaves: frees what is wanted, at most what it holds, and takes it back. */
final class Cache implements Spillable {
  final Reservation held;
  final List<Long> wanted = new ArrayList<>();
  final List<Long> offered = new ArrayList<>();
  long spilled;
  int coldness;
  long portion = Long.MAX_VALUE;

  Cache(Governor governor, String engine, long bytes) {
    held = governor.reserve(engine, bytes);
  }

  Cache colder(int by) {
    coldness = by;
    return this;
  }

  @Override
  public long spill(long bytesWanted, SpillContext context) {
    wanted.add(bytesWanted);
    long freed = Math.min(portion, Math.min(bytesWanted, held.bytes()));
    held.resize(held.bytes() - freed);
    spilled += freed;
    return freed;
  }

  @Override
  public long restore(long bytesAvailable, SpillContext context) {
    offered.add(bytesAvailable);
    long taken = Math.min(portion, Math.min(bytesAvailable, spilled));
    held.resize(held.bytes() + taken);
    spilled -= taken;
    return taken;
  }

  @Override
  public int coldness() {
    return coldness;
  }
}
