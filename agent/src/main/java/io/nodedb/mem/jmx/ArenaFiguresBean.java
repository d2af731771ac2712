package io.nodedb.mem.jmx;

import io.nodedb.mem.ArenaFigures;

/** Shows figures. */
abstract class ArenaFiguresBean implements ArenaBean {
  /** The figures now. */
  abstract ArenaFigures figures();

  @Override
  public long getAllocated() {
    return figures().allocated();
  }

  @Override
  public long getActive() {
    return figures().active();
  }

  @Override
  public long getResident() {
    return figures().resident();
  }

  @Override
  public long getMapped() {
    return figures().mapped();
  }

  @Override
  public long getDirty() {
    return figures().dirty();
  }

  @Override
  public long getRetained() {
    return figures().retained();
  }

  @Override
  public double getFragmentationPercent() {
    return 100 * figures().fragmentation();
  }
}
