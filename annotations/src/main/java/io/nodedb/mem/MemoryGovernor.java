package io.nodedb.mem;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The budgets of this process. All methods are thread-safe; amounts are bytes and may not be
 * negative ({@link IllegalArgumentException}). Without the agent every request is granted and
 * nothing is counted.
 *
 * <p>A program accounts the same bytes either here (a reservation or a charge) or leaves them to the
 * engine's scopes, never both.
 */
public interface MemoryGovernor {
  /**
   * The governor of this process.
   *
   * @return the agent's, or one without limits
   */
  static MemoryGovernor get() {
    return Installed.governor;
  }

  /**
   * Whether an agent governs this process.
   *
   * @return false if every budget is unlimited because there is no agent
   */
  boolean active();

  /**
   * Reserves bytes of an engine's budget. At a breach the engine's mode decides: refuse, wait for
   * room, or only record.
   *
   * @param engine the engine to charge
   * @param bytes how many
   * @return the reservation, to be closed
   * @throws BudgetExceededException if refused; nothing has changed then
   * @throws UnknownEngineException if there is no such engine
   */
  Reservation reserve(String engine, long bytes);

  /**
   * Reserves bytes if there is room right now: no collection, no waiting, no breach recorded.
   *
   * @param engine the engine to charge
   * @param bytes how many
   * @return the reservation, or empty
   * @throws UnknownEngineException if there is no such engine
   */
  Optional<Reservation> tryReserve(String engine, long bytes);

  /**
   * Has an engine make room for what is about to be allocated in its scope, if there is none: at a
   * breach as {@link #reserve}, but nothing is charged, so that nothing is counted twice. For what
   * cannot be checked piece by piece, as large arrays are: structures of many small objects, or a JNI
   * library's call that will take a known amount. Others may use the room meanwhile.
   *
   * @param engine the engine that will be charged
   * @param bytes how many
   * @throws BudgetExceededException if refused
   * @throws UnknownEngineException if there is no such engine
   */
  void requireRoom(String engine, long bytes);

  /**
   * Charges bytes that are allocated already, whatever the limit: never refused. Undone by
   * {@link #release}.
   *
   * @param engine the engine to charge
   * @param bytes how many
   * @throws UnknownEngineException if there is no such engine
   */
  void charge(String engine, long bytes);

  /**
   * Releases bytes that {@link #charge} charged. More than is charged releases what there is, counts
   * an over-release and reports it at most once a minute for each engine; it is never thrown.
   *
   * @param engine the engine to credit
   * @param bytes how many
   * @throws UnknownEngineException if there is no such engine
   */
  void release(String engine, long bytes);

  /**
   * States that bytes which one engine charged are another's from now on: moves what {@link #charge}
   * charged. The sum over all engines stays as it is. For a reservation there is {@link
   * Reservation#transferTo}.
   *
   * @param from the engine that charged them
   * @param to the engine to charge instead; nothing happens if that is the same
   * @param bytes how many
   * @throws IllegalArgumentException if that is more than is charged to {@code from}; nothing has
   *     changed then
   * @throws BudgetExceededException if {@code to} refuses them; nothing has changed then
   * @throws UnknownEngineException if there is no such engine
   */
  void transfer(String from, String to, long bytes);

  /**
   * Gives objects that were allocated in one engine's scope to another engine, which keeps them:
   * those of {@code from} that can be reached from {@code root}, itself included, through instance
   * fields and array elements, and through static fields if {@code root} is a class. What only a
   * weak, soft or phantom reference leads to is left out.
   *
   * <p>Bytes are those of the samples among these objects: an estimate as good as the heap ledger
   * is for as many bytes. Threads stand still while the references are followed, some tens of
   * nanoseconds each; structures, not single objects, are worth a call.
   *
   * @param root what keeps the objects
   * @param from the engine in whose scope they were allocated
   * @param to the engine to charge instead; nothing happens if that is the same
   * @return how many bytes were moved; 0 without the agent
   * @throws BudgetExceededException if {@code to} refuses them; nothing has changed then
   * @throws IllegalArgumentException if more references lead on from the root than can be followed
   *     in reasonable time; nothing has changed then
   * @throws UnsupportedOperationException if heap accounting is estimated, or this JVM does not let
   *     objects be found
   * @throws UnknownEngineException if there is no such engine
   */
  long transferObjects(Object root, String from, String to);

  /**
   * One engine's figures. Objects that a collection has found dead which ended before this call are
   * not among them: the first call after a collection looks for those, which takes up to a few
   * milliseconds; others take microseconds.
   *
   * @param engine the engine
   * @return its figures now
   * @throws UnknownEngineException if there is no such engine
   */
  EngineSnapshot snapshot(String engine);

  /**
   * All engines' figures; see {@link #snapshot(String)}.
   *
   * @return the figures now
   */
  GovernorSnapshot snapshot();

  /**
   * Changes an engine's limit from now on.
   *
   * @param engine the engine
   * @param bytes its new limit
   * @throws IllegalArgumentException if that is below what the engine uses now, or would let the sum
   *     of all limits pass the ceiling; the limit is unchanged then
   * @throws UnknownEngineException if there is no such engine
   */
  void setLimit(String engine, long bytes);

  /**
   * One engine's pressure level.
   *
   * @param engine the engine
   * @return its level
   * @throws UnknownEngineException if there is no such engine
   */
  PressureLevel pressure(String engine);

  /**
   * The process's pressure level: use of all engines against the ceiling.
   *
   * @return the level
   */
  PressureLevel pressure();

  /**
   * Tells a listener of every pressure transition from now on.
   *
   * @param listener the listener
   * @return closes the registration
   */
  Registration onPressure(PressureListener listener);

  /**
   * Registers data that the engine can do without for a while. Its handler is called when use passes
   * {@code spill.start}, and for a request that meets the engine's bound; of several the one with the
   * lowest priority first, and among these the coldest. The first one of an engine sets a reserve
   * aside from its budget, see {@link Spillable}.
   *
   * @param engine the engine
   * @param handler moves the data
   * @param priority how much the data is worth having in memory; 0 for no opinion
   * @return ends the registration: no call begins after it was closed, one under way is abandoned but
   *     not awaited
   * @throws UnknownEngineException if there is no such engine
   */
  Registration registerSpillable(String engine, Spillable handler, int priority);

  /**
   * Registers data with priority 0, see {@link #registerSpillable(String, Spillable, int)}.
   *
   * @param engine the engine
   * @param handler moves the data
   * @return ends the registration
   * @throws UnknownEngineException if there is no such engine
   */
  default Registration registerSpillable(String engine, Spillable handler) {
    return registerSpillable(engine, handler, 0);
  }

  /**
   * Registers data that one thread of a thread-per-core engine owns: the handler is called on that
   * thread alone. Each core has a controller of its own, and cores spill their shares side by side. A
   * request by the core's own thread calls the handler from within the request.
   *
   * @param engine the engine
   * @param handler moves the data
   * @param priority how much the data is worth having in memory; 0 for no opinion
   * @param core runs tasks on the thread that owns the data, and on no other; the same object for all
   *     of its data
   * @return ends the registration
   * @throws UnknownEngineException if there is no such engine
   */
  Registration registerSpillable(String engine, Spillable handler, int priority, Executor core);

  /**
   * An arena whose memory is the engine's: charged before it is allocated, given back when the arena
   * is closed. Beyond {@link Arena}'s own contract its {@code allocate} methods throw {@link
   * BudgetExceededException}; nothing has changed then. Without the agent it is {@link
   * Arena#ofConfined()} or {@link Arena#ofShared()}.
   *
   * @param engine the engine to charge
   * @param options how it differs from a confined arena of zeroed memory
   * @return the arena, to be closed
   * @throws UnknownEngineException if there is no such engine
   */
  default Arena arena(String engine, ArenaOption... options) {
    return UngovernedMemory.INSTANCE.arena(engine, options);
  }

  /**
   * Native memory beyond {@link #arena}: explicit free, arenas for collections, thread pinning.
   *
   * @return the process's native memory
   */
  default NativeMemory nativeMemory() {
    return UngovernedMemory.INSTANCE;
  }

  /**
   * Files mapped in windows under one budget, charged to engines.
   *
   * @return the process's mappings, always the same
   * @throws UnsupportedOperationException without the agent, as what it promises (a bound, windows
   *     unmapped safely) can't be had then; where {@link MappingException} says so, on systems other
   *     than Linux
   */
  default Mappings mappings() {
    throw WithoutAgent.refuse("mapped windows");
  }

  /**
   * The configured settings of overflow regions, {@code overflow.*}, to be adjusted with its {@code
   * with} methods. Without the agent these are {@link OverflowOptions#defaults()}.
   *
   * @return the options
   */
  default OverflowOptions overflowOptions() {
    return OverflowOptions.defaults();
  }

  /**
   * Opens a region of the configured directory, {@code overflow.dir}, for writing, with the
   * configured options.
   *
   * @param engine pays for the region's windows, whoever's payloads are in them
   * @param name the region's directory below the configured one: letters, digits, dots, dashes and
   *     underscores
   * @return the region, to be closed
   * @throws OverflowException see {@link #openOverflow(String, Path, OverflowOptions)}
   * @throws UnknownEngineException if there is no such engine
   * @throws UnsupportedOperationException without the agent
   */
  default OverflowRegion openOverflow(String engine, String name) {
    throw WithoutAgent.refuse("overflow regions");
  }

  /**
   * Opens a region for writing, making it if the directory holds none. What was acknowledged as
   * durable is there.
   *
   * @param engine pays for the region's windows, whoever's payloads are in them
   * @param directory where the region is; made if missing
   * @param options how
   * @return the region, to be closed; this process's alone until then
   * @throws OverflowException if another writer has it, a file is damaged, or the disk refuses
   * @throws UnknownEngineException if there is no such engine
   * @throws UnsupportedOperationException without the agent
   */
  default OverflowRegion openOverflow(String engine, Path directory, OverflowOptions options) {
    throw WithoutAgent.refuse("overflow regions");
  }

  /**
   * Opens the latest checkpoint of a region of the configured directory.
   *
   * @param engine pays for the region's windows
   * @param name the region's directory below the configured one
   * @return the region, to be closed
   * @throws OverflowException if there is none or a file is damaged
   * @throws UnknownEngineException if there is no such engine
   * @throws UnsupportedOperationException without the agent
   */
  default OverflowRegion openOverflowReadOnly(String engine, String name) {
    throw WithoutAgent.refuse("overflow regions");
  }

  /**
   * Opens the latest checkpoint of a region. Its cost does not grow with the number of slots, and it
   * replays nothing: what was written since that checkpoint is not seen, now or later.
   *
   * @param engine pays for the region's windows
   * @param directory where the region is
   * @param check when the CRC of a payload is compared
   * @return the region, to be closed
   * @throws OverflowException if there is none or a file is damaged
   * @throws UnknownEngineException if there is no such engine
   * @throws UnsupportedOperationException without the agent
   */
  default OverflowRegion openOverflowReadOnly(
      String engine, Path directory, OverflowOptions.PayloadCheck check) {
    throw WithoutAgent.refuse("overflow regions");
  }
}
