package io.nodedb.mem.heap;

import io.nodedb.mem.governor.Attention;
import io.nodedb.mem.hook.Hooks;

/** The one flag that polls test, as the governor knows it. */
final class PollFlag implements Attention.Flag {
  @Override
  public void set(boolean on) {
    Hooks.attention(on);
  }

  @Override
  public boolean isSet() {
    return Hooks.attention();
  }
}
