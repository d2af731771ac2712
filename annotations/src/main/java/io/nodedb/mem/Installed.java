package io.nodedb.mem;

/**
 * Where the agent puts its governor. It writes the field reflectively, once, before any application
 * class is loaded (or when it is attached), so that nothing public can replace the governor.
 */
final class Installed {
  static volatile GovernorSupport governor = new UnlimitedGovernor();

  private Installed() {}
}
