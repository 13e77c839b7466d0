package dev.tine.process;

import dev.tine.sys.SpawnCall;
import dev.tine.sys.SpawnOutcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A thread that starts programs for others, and lives as long as its loop.
 *
 * <p>For a program that is to end with this process, since the kernel takes the end of the thread
 * that started it for the end of the process; and for virtual threads, which would hold their
 * carrier until the program runs.
 */
final class Spawner {
  private final LinkedBlockingQueue<Runnable> calls = new LinkedBlockingQueue<>();
  private final String name;
  private boolean running;
  private boolean closed;

  Spawner(String loop) {
    name = loop + "-spawner";
  }

  SpawnOutcome start(SpawnCall call) {
    CompletableFuture<SpawnOutcome> outcome = new CompletableFuture<>();
    submit(() -> {
      try {
        outcome.complete(call.start());
      } catch (Throwable e) {
        outcome.completeExceptionally(e);
      }
    });
    return outcome.join();
  }

  void close() {
    synchronized (this) {
      closed = true;
    }
    calls.add(() -> {}); // wakes it
  }

  private void submit(Runnable call) {
    synchronized (this) {
      if (!running) {
        Thread.ofPlatform().name(name).daemon().start(this::run);
        running = true; // last: one that could not be started would be waited for by all that come
      }
    }
    calls.add(call);
  }

  private void run() {
    while (!isDone()) {
      try {
        calls.take().run();
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt it, and its end would be that of its children.
      }
    }
  }

  private synchronized boolean isDone() {
    return closed && calls.isEmpty();
  }
}
