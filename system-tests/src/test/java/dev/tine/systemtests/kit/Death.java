package dev.tine.systemtests.kit;

import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.LoadClient.Failure;
import java.time.Duration;

/** When a process was told to die, and when it was seen to be gone. */
public record Death(long pid, long sentNanos, long goneNanos) {

  /** Kills a process, and waits until it is gone. */
  public static Death of(long pid) {
    long sentNanos = System.nanoTime();
    Kill.process(pid, Signal.KILL);
    await("end of " + pid)
        .atMost(TestJvm.LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> Proc.state(pid) == '-');
    return new Death(pid, sentNanos, System.nanoTime());
  }

  /** Whether it can be the cause: the request was on its way while the process died. */
  public boolean explains(Failure failure) {
    return failure.server().orElse(pid) == pid
        && failure.endNanos() >= sentNanos
        && (failure.server().isPresent() || failure.startNanos() <= goneNanos);
  }
}
