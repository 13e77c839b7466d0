package dev.tine.prefork;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Molds whose workers do what a script says, on the thread that forks them. */
final class FakeMolds implements Molds {
  /** What was done, in order. */
  final List<String> history = new ArrayList<>();

  private final Deque<Supplier<FakeChild>> script = new ArrayDeque<>();
  private final Deque<Side> freezes = new ArrayDeque<>();
  private long lastPid = 99;

  /** The next worker exits at once. */
  FakeMolds thenExits(ExitStatus status) {
    script.add(() -> {
      var child = new FakeChild(Signal.TERM);
      child.exit.complete(status);
      return child;
    });
    return this;
  }

  /** The next worker serves until it gets this signal, or SIGKILL. */
  FakeMolds thenServesUntil(Signal signal) {
    script.add(() -> new FakeChild(signal));
    return this;
  }

  FakeMolds thenCannotFork(ForkException e) {
    script.add(() -> {
      throw e;
    });
    return this;
  }

  /** The next worker is made in this way. */
  FakeMolds thenWaits(Supplier<FakeChild> fork) {
    script.add(fork);
    return this;
  }

  /** The next freeze returns as it does in a worker. */
  FakeMolds thenFreezeReturnsInWorker(int id) {
    freezes.add(new Side.InWorker(id));
    return this;
  }

  FakeMold mold(String title) {
    return new FakeMold(title);
  }

  @Override
  public Side freeze(String title) {
    history.add("freeze " + title);
    Side scripted = freezes.poll();
    return scripted != null ? scripted : new Side.InMonitor(new FakeMold(title));
  }

  final class FakeMold implements Handle {
    private final String title;
    private final FakeChild process = new FakeChild(Signal.KILL);

    private FakeMold(String title) {
      this.title = title;
    }

    void die() {
      process.exit.complete(new ExitStatus.Signaled(Signal.KILL, false));
    }

    @Override
    public ForkedProcess process() {
      return process;
    }

    @Override
    public ForkedProcess forkWorker(int id, String workerTitle) {
      history.add("fork " + workerTitle);
      return script.remove().get();
    }

    @Override
    public void close() {
      history.add("close " + title);
      die();
    }
  }

  final class FakeChild implements ForkedProcess {
    private final long pid = ++lastPid;
    private final Signal deadly;
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

    private FakeChild(Signal deadly) {
      this.deadly = deadly;
    }

    @Override
    public long pid() {
      return pid;
    }

    @Override
    public CompletableFuture<ExitStatus> onExit() {
      return exit;
    }

    @Override
    public boolean signal(Signal signal) {
      history.add("signal %d %s".formatted(pid, signal));
      if (signal.equals(deadly) || signal.equals(Signal.KILL)) {
        exit.complete(new ExitStatus.Signaled(signal, false));
      }
      return true;
    }

    @Override
    public boolean isAlive() {
      return !exit.isDone();
    }

    @Override
    public ExitStatus waitFor() {
      throw new UnsupportedOperationException("the monitor never blocks on one process");
    }

    @Override
    public Optional<ExitStatus> waitFor(Duration timeout) {
      throw new UnsupportedOperationException("the monitor never blocks on one process");
    }
  }
}
