package dev.tine.process;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Stops what is to be stopped when the JVM shuts down. */
final class Shutdown {
  private static final Logger LOG = System.getLogger(Shutdown.class.getName());

  /**
   * What a program may take to end after the last signal, before the JVM no longer waits for it.
   */
  private static final Duration AFTER_LAST = Duration.ofSeconds(5);

  private static final Set<Subprocess> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Shutdown::stopAll, "tine-process-shutdown"));
  }

  private Shutdown() {}

  static void register(Subprocess subprocess) {
    RUNNING.add(subprocess);
    var _ = subprocess.ended().thenRun(() -> RUNNING.remove(subprocess));
  }

  private static void stopAll() {
    List<Subprocess> all = List.copyOf(RUNNING);
    all.forEach(Subprocess::stop);
    Duration limit =
        all.stream()
            .map(subprocess -> subprocess.command().escalation.length())
            .max(Duration::compareTo)
            .orElse(Duration.ZERO)
            .plus(AFTER_LAST);
    try {
      // The loop is a daemon thread, which goes on while shutdown hooks run.
      CompletableFuture.allOf(
              all.stream().map(Subprocess::ended).toArray(CompletableFuture<?>[]::new))
          .get(EventLoop.toNanos(limit), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | InterruptedException e) {
      LOG.log(Level.WARNING, "Left running although signalled: {0}", RUNNING);
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }
}
