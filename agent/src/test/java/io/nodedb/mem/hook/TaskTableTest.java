package io.nodedb.mem.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskTableTest {
  private static final int CHANGES = 16;

  private final Object task = new Object();
  private final Object pool = new Object();

  @Test
  void submissionsOfOneTaskComeBackInTheirOrder() {
    int[] engines = {1, 1, Hooks.NONE, 2, 2, 1, Hooks.NONE};
    for (int engine : engines) {
      TaskTable.append(task, pool, engine);
    }
    assertThat(takeAll(pool)).containsExactly(1, 1, Hooks.NONE, 2, 2, 1, Hooks.NONE);
  }

  @Test
  void poolsAreToldApart() {
    Object other = new Object();
    TaskTable.append(task, pool, 1);
    TaskTable.append(task, other, 2);
    assertThat(takeAll(other)).containsExactly(2);
    assertThat(takeAll(pool)).containsExactly(1);
  }

  @Test
  void newestSubmissionCanBeTakenBack() {
    TaskTable.append(task, pool, 1);
    TaskTable.append(task, pool, 2);
    TaskTable.append(task, pool, 2);
    TaskTable.retract(task, pool);
    assertThat(takeAll(pool)).containsExactly(1, 2);
    TaskTable.retract(task, pool);
    assertThat(takeAll(pool)).isEmpty();
  }

  @Test
  void tooManyChangesOfEngineChargeNobodyRatherThanTheWrongOne() {
    List<Integer> submitted = new ArrayList<>();
    for (int i = 0; i < 4 * CHANGES; i++) {
      submitted.add(i % 2);
      TaskTable.append(task, pool, i % 2);
    }
    List<Integer> taken = takeAll(pool);
    assertThat(taken).hasSameSizeAs(submitted);
    assertThat(taken.subList(0, CHANGES)).isEqualTo(submitted.subList(0, CHANGES));
    // The run in which the change came that did not fit, and those after it.
    assertThat(taken.subList(CHANGES, taken.size())).containsOnly(Hooks.NONE);
  }

  @Test
  void replacedTaskBelongsToTheLastAndIsTakenOnce() {
    TaskTable.replace(task, 1);
    TaskTable.replace(task, 2);
    assertThat(takeAll(null)).containsExactly(2);
    TaskTable.replace(task, 1);
    TaskTable.replace(task, Hooks.NONE);
    assertThat(takeAll(null)).isEmpty();
  }

  @Test
  void keptTaskStaysWhateverMovesOrRunsIt() {
    TaskTable.keep(task, 3);
    TaskTable.replace(task, 1);
    TaskTable.replace(task, Hooks.NONE);
    assertThat(TaskTable.take(task, pool)).isEqualTo(3);
    assertThat(TaskTable.take(task, null)).isEqualTo(3);
    TaskTable.forget(task);
    assertThat(TaskTable.find(task)).isEqualTo(TaskTable.UNKNOWN);
  }

  @Test
  void tasksAreNotKeptAlive() {
    WeakReference<Object> gone = recorded();
    while (gone.get() != null) {
      System.gc();
    }
    TaskTable.sweep();
    assertThat(TaskTable.find(task)).isEqualTo(TaskTable.UNKNOWN);
  }

  @Test
  void manyThreadsFindTheirOwn() throws InterruptedException {
    List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(i -> Thread.ofPlatform().unstarted(() -> race(i)))
            .toList();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    threads.forEach(t -> t.setUncaughtExceptionHandler((x, e) -> failures.add(e)));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  private static void race(int engine) {
    SplittableRandom random = new SplittableRandom(engine);
    List<Object> tasks = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      if (tasks.size() < 100 || random.nextBoolean() && tasks.size() < 5_000) {
        Object fresh = new Object();
        TaskTable.replace(fresh, engine);
        tasks.add(fresh);
      } else {
        int last = tasks.size() - 1;
        int any = random.nextInt(last + 1);
        Object one = tasks.get(any);
        tasks.set(any, tasks.get(last));
        tasks.remove(last);
        assertThat(TaskTable.take(one, null)).isEqualTo(engine);
        assertThat(TaskTable.find(one)).isEqualTo(TaskTable.UNKNOWN);
      }
    }
  }

  private static WeakReference<Object> recorded() {
    Object fresh = new Object();
    TaskTable.keep(fresh, 1);
    return new WeakReference<>(fresh);
  }

  private List<Integer> takeAll(Object from) {
    List<Integer> taken = new ArrayList<>();
    int engine;
    while ((engine = TaskTable.take(task, from)) != TaskTable.UNKNOWN) {
      taken.add(engine);
    }
    return taken;
  }
}
