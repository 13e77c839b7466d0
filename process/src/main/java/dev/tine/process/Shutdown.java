package dev.tine.process;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Stops what is to be stopped when the JVM shuts down. */
final class Shutdown {
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
    // The loop is a daemon thread, which goes on while shutdown hooks run.
    CompletableFuture.allOf(
            all.stream().map(Subprocess::ended).toArray(CompletableFuture<?>[]::new))
        .join();
  }
}
