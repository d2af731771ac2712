package io.nodedb.mem.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SampleHookTest {
  private final List<Integer> engines = new ArrayList<>();

  @AfterEach
  void uninstall() {
    SampleHook.install(null);
  }

  @Test
  void sampleOutsideEveryScopeIsIgnored() throws InterruptedException {
    SampleHook.install((scope, object, size, interval, low) -> engines.add(scope.engine()));
    inNewThread(() -> SampleHook.sampled("x", 24, 0, false));
    inNewThread(() -> TestScope.run(Hooks.NONE, () -> SampleHook.sampled("x", 24, 0, false)));
    assertThat(engines).isEmpty();
  }

  @Test
  void sampleInsideAScopeGoesToItsEngine() throws InterruptedException {
    SampleHook.install((scope, object, size, interval, low) -> engines.add(scope.engine()));
    inNewThread(() -> TestScope.run(3, () -> SampleHook.sampled("x", 24, 0, false)));
    assertThat(engines).containsExactly(3);
  }

  @Test
  void sinkIsNotCalledForWhatItAllocates() throws InterruptedException {
    SampleHook.install(
        (scope, object, size, interval, low) -> {
          engines.add(scope.engine());
          SampleHook.sampled("nested", 24, 0, false);
        });
    inNewThread(() -> TestScope.run(1, () -> SampleHook.sampled("x", 24, 0, false)));
    assertThat(engines).containsExactly(1);
  }

  @Test
  void sinkThatThrowsIsCalledAgain() throws InterruptedException {
    SampleHook.install(
        (scope, object, size, interval, low) -> {
          engines.add(scope.engine());
          throw new IllegalStateException("sink");
        });
    inNewThread(
        () ->
            TestScope.run(
                1,
                () -> {
                  for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> SampleHook.sampled("x", 24, 0, false))
                        .isInstanceOf(IllegalStateException.class);
                  }
                }));
    assertThat(engines).containsExactly(1, 1);
  }

  private static void inNewThread(Runnable body) throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    Thread thread = new Thread(body);
    thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
    thread.start();
    thread.join();
    assertThat(thrown[0]).isNull();
  }
}
