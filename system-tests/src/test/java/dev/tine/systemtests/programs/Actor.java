package dev.tine.systemtests.programs;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A platform thread that does what it is asked to; in a child its copy does.
 *
 * <p>So what a thread was told before a fork can be read by the same thread after it.
 */
final class Actor implements AutoCloseable {
  private final LinkedBlockingQueue<FutureTask<?>> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean ended;

  Actor(String name) {
    thread = Thread.ofPlatform().name(name).daemon().start(this::act);
  }

  <T> T ask(Callable<T> question) throws Exception {
    var task = new FutureTask<T>(question);
    tasks.add(task);
    return task.get(Program.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  void tell(Program.Step step) throws Exception {
    var _ =
        ask(() -> {
          step.run();
          return true;
        });
  }

  /** Its thread ends; false: not in time. */
  boolean end() throws InterruptedException {
    ended = true;
    tasks.add(new FutureTask<>(() -> true));
    return thread.join(Program.LIMIT);
  }

  @Override
  public void close() {
    try {
      Program.check(end(), "thread %s does not end", thread.getName());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void act() {
    while (!ended) {
      try {
        tasks.take().run();
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
