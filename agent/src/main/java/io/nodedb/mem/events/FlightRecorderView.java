package io.nodedb.mem.events;

import io.nodedb.mem.GovernorSnapshot;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.PressureTransition;
import io.nodedb.mem.Registration;
import io.nodedb.mem.governor.Breach;
import io.nodedb.mem.governor.Drift;
import io.nodedb.mem.governor.Governor;
import io.nodedb.mem.governor.GovernorListener;
import io.nodedb.mem.governor.Rebalance;
import io.nodedb.mem.heap.HeapAccounting.AssistListener;
import io.nodedb.mem.heap.SampleListener;
import io.nodedb.mem.mapped.MappingListener.Eviction;
import io.nodedb.mem.resident.Resident;
import io.nodedb.mem.spill.SpillListener;
import io.nodedb.mem.spill.SpillReport;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * Budgets in Flight Recorder's recordings. Thread-safe.
 *
 * <p>Initializing the recorder takes longer than everything else the agent does at a start, so this
 * view waits until somebody else does: an option on the command line, {@code jcmd}, the program. Until
 * then it loads no event class, and a breach costs the read of one field here.
 */
public final class FlightRecorderView
    implements GovernorListener, AssistListener, SpillListener, AutoCloseable {
  private final Governor governor;
  private final FlightRecorderListener onRecorder;

  /** Set once by start, as are the next three. */
  private Supplier<GovernorSnapshot> snapshots;

  private LongFunction<Resident> residents;
  private Supplier<NativeSnapshot> natives;
  private Consumer<SampleListener> sampling;
  private LongSupplier mappedResident;

  /** Null before the start and after the end. Guarded by this. */
  private Registration registration;

  /** Null while the recorder is not initialized. Written under the monitor, read by anybody. */
  private volatile Recorder recorder;

  /**
   * A view that is not started. It can be told of assisted collections at once.
   *
   * @param governor the budgets
   */
  public FlightRecorderView(Governor governor) {
    this.governor = governor;
    this.onRecorder =
        new FlightRecorderListener() {
          @Override
          public void recorderInitialized(FlightRecorder initialized) {
            record();
          }
        };
  }

  /**
   * Begins to record as soon as there is a recorder.
   *
   * @param newSnapshots brings the ledgers up to date and reads all budgets
   * @param newResidents reads the process's memory, given what engines use
   * @param newNatives reads the native allocator's figures
   * @param newMappedResident reads how much of mapped windows is in memory
   * @param newSampling where to set who is told of samples, null for nobody
   */
  public void start(
      Supplier<GovernorSnapshot> newSnapshots,
      LongFunction<Resident> newResidents,
      Supplier<NativeSnapshot> newNatives,
      LongSupplier newMappedResident,
      Consumer<SampleListener> newSampling) {
    synchronized (this) {
      snapshots = newSnapshots;
      residents = newResidents;
      natives = newNatives;
      mappedResident = newMappedResident;
      sampling = newSampling;
      registration = governor.addListener(this);
    }
    if (FlightRecorder.isAvailable()) {
      // Called back at once if the recorder is initialized already.
      FlightRecorder.addListener(onRecorder);
    }
  }

  private synchronized void record() {
    if (recorder == null && registration != null) {
      Recorder made = new Recorder(snapshots, residents, natives, mappedResident);
      made.register();
      recorder = made;
      sampling.accept(made::sampled);
    }
  }

  /** Ends recording; what is recorded stays in the recordings. */
  @Override
  public void close() {
    if (FlightRecorder.isAvailable()) {
      FlightRecorder.removeListener(onRecorder);
    }
    Recorder last;
    synchronized (this) {
      if (registration == null) {
        return;
      }
      registration.close();
      registration = null;
      last = recorder;
      recorder = null;
    }
    if (last != null) {
      // Outside the monitor: the recorder calls back with a lock of its own held.
      sampling.accept(null);
      last.unregister();
    }
  }

  @Override
  public void onTransition(PressureTransition transition) {
    Recorder to = recorder;
    if (to != null) {
      to.transition(transition);
    }
  }

  @Override
  public void onBreach(Breach breach) {
    Recorder to = recorder;
    if (to != null) {
      to.breach(breach);
    }
  }

  @Override
  public void onOverRelease(String engine, long excess, long count) {
    Recorder to = recorder;
    if (to != null) {
      to.overRelease(engine, excess, count);
    }
  }

  @Override
  public void onLeak(String engine, long bytes, Throwable made) {
    Recorder to = recorder;
    if (to != null) {
      to.leak(engine, bytes, made);
    }
  }

  @Override
  public void onRebalance(Rebalance move) {
    Recorder to = recorder;
    if (to != null) {
      to.rebalanced(move);
    }
  }

  @Override
  public void onDrift(Drift drift) {
    Recorder to = recorder;
    if (to != null) {
      to.drift(drift);
    }
  }

  /**
   * A mapped window was unmapped.
   *
   * @param eviction what and why
   */
  public void evicted(Eviction eviction) {
    Recorder to = recorder;
    if (to != null) {
      to.evicted(eviction);
    }
  }

  /**
   * An overflow region has grown.
   *
   * @param region its directory
   * @param engine whose payload made it grow
   * @param from bytes before
   * @param size bytes now
   */
  public void grew(Path region, String engine, long from, long size) {
    Recorder to = recorder;
    if (to != null) {
      to.grew(region, engine, from, size);
    }
  }

  /**
   * An overflow region made a checkpoint, or could not.
   *
   * @param region its directory
   * @param sequence its number
   * @param slots live slots in it
   * @param nanos how long it took
   * @param failure what went wrong, or null
   */
  public void checkpointed(
      Path region, long sequence, long slots, long nanos, Exception failure) {
    Recorder to = recorder;
    if (to != null) {
      to.checkpointed(region, sequence, slots, nanos, failure);
    }
  }

  @Override
  public Consumer<SpillReport> began(boolean restoring) {
    Recorder to = recorder;
    return to == null ? report -> {} : to.spilling(restoring);
  }

  @Override
  public void assisting() {
    Recorder to = recorder;
    if (to != null) {
      to.assisting();
    }
  }

  @Override
  public void assisted(
      String engine, long nanos, long heapBefore, long heapAfter, String accounting) {
    Recorder to = recorder;
    if (to != null) {
      to.assisted(engine, heapBefore, heapAfter, accounting);
    }
  }
}
