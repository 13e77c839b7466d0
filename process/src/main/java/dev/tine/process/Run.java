package dev.tine.process;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A {@link Command} being run to its end. */
final class Run {
  private final Command command;
  private final Subprocess subprocess;
  private final Optional<Pump> stdout;
  private final Optional<Pump> stderr;
  private final Set<String> heldPipes = new HashSet<>();
  private final CompletableFuture<Result> result = new CompletableFuture<>();
  private Optional<Capture> exceeded = Optional.empty();
  private boolean timedOut;

  private Run(Command command, Subprocess subprocess, Streams streams) {
    this.command = command;
    this.subprocess = subprocess;
    stdout =
        streams.stdout().equals(Stdio.STREAM)
            ? Optional.of(pump(subprocess.stdout(), command.stdoutCapture))
            : Optional.empty();
    stderr =
        streams.stderr().equals(Stdio.STREAM)
            ? Optional.of(pump(subprocess.stderr(), command.stderrCapture))
            : Optional.empty();
  }

  /** Throws {@link SpawnException}. */
  static CompletableFuture<Result> start(Command command) {
    Streams streams = Streams.of(command, Stdio.DISCARD, Stdio.STREAM);
    if (streams.stdin().equals(Stdio.STREAM)) {
      throw new IllegalArgumentException(
          "nobody could write to stdin while "
              + command.program()
              + " is run: give it bytes(),"
              + " copy() or from(), or start() it");
    }
    Run run = new Run(command, Subprocess.start(command, streams), streams);
    run.begin();
    return run.result;
  }

  /** Waits for a run; an interrupt stops it. */
  static Result await(CompletableFuture<Result> result) throws InterruptedException {
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        failure.fillInStackTrace(); // it was made on a thread that says nothing of who wanted it
        throw failure;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new AssertionError(e);
    }
  }

  private void begin() {
    EventLoop loop = subprocess.loop();
    Optional<Timers.Timer> timer =
        command.timeout.map(limit -> loop.schedule(limit, this::timeOut));
    stdout.ifPresent(Pump::begin);
    stderr.ifPresent(Pump::begin);
    var _ = subprocess.ended().thenRun(() -> timer.ifPresent(Timers.Timer::cancel));
    var _ = subprocess.ended().thenRun(this::giveOutputTime);
    var _ =
        CompletableFuture.allOf(subprocess.ended(), done(stdout), done(stderr))
            .whenCompleteAsync((nothing, error) -> finish(error), EventLoop.ON_VIRTUAL_THREADS);
    // However the future is ended, by cancelling it for one: what runs for nobody is stopped.
    var _ = result.whenComplete((r, e) -> subprocess.stop());
  }

  private Pump pump(ReadStream stream, Capture capture) {
    return new Pump(
        stream,
        capture,
        () -> {
          synchronized (this) {
            exceeded = Optional.of(capture);
          }
          subprocess.stop();
        });
  }

  private static CompletableFuture<Void> done(Optional<Pump> pump) {
    return pump.map(Pump::done).orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  private void timeOut() {
    synchronized (this) {
      timedOut = true;
    }
    subprocess.stop();
  }

  /** It has ended; its output may go on for some time. */
  private synchronized void giveOutputTime() {
    boolean stopped = timedOut || exceeded.isPresent() || result.isDone();
    switch (command.outputEnd) {
      case OutputEnd.UntilExit exit -> giveUpAfter(exit.grace());
      case OutputEnd.UntilEof eof when stopped -> giveUpAfter(OutputEnd.DEFAULT_GRACE);
      case OutputEnd.UntilEof eof -> {}
    }
  }

  private void giveUpAfter(Duration grace) {
    Timers.Timer timer =
        subprocess
            .loop()
            .schedule(
                grace,
                () -> {
                  synchronized (this) {
                    stdout.flatMap(Pump::giveUp).ifPresent(heldPipes::add);
                    stderr.flatMap(Pump::giveUp).ifPresent(heldPipes::add);
                  }
                });
    var _ =
        CompletableFuture.allOf(done(stdout), done(stderr)).whenComplete((r, e) -> timer.cancel());
  }

  private void finish(Throwable error) {
    if (error != null) {
      result.completeExceptionally(error);
      return;
    }
    try {
      Result whole = result();
      if (exceeded.isPresent()) {
        result.completeExceptionally(new OutputLimitException(exceeded.get(), whole));
      } else if (timedOut) {
        result.completeExceptionally(
            new SubprocessTimeoutException(command.timeout.orElseThrow(), whole));
      } else if (command.checked && !whole.isSuccess()) {
        result.completeExceptionally(new CommandFailedException(whole));
      } else {
        result.complete(whole);
      }
    } catch (Throwable e) { // OutOfMemoryError too, of which all output at once has the best chance
      result.completeExceptionally(e);
    }
  }

  private synchronized Result result() {
    return new Result(
        command,
        subprocess.ended().join(),
        stdout.map(Pump::output).orElse(Output.NONE),
        stderr.map(Pump::output).orElse(Output.NONE),
        List.copyOf(PipeHolders.of(heldPipes)));
  }
}
