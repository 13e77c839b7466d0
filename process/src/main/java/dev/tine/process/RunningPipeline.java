package dev.tine.process;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A {@link Pipeline} that was started. */
public final class RunningPipeline implements AutoCloseable {
  private final List<Subprocess> stages;

  RunningPipeline(List<Subprocess> stages) {
    this.stages = List.copyOf(stages);
  }

  /** The subprocesses in their order. */
  public List<Subprocess> stages() {
    return stages;
  }

  /** The input of the first, if that is {@link Stdio#STREAM}. */
  public WriteStream stdin() {
    return stages.getFirst().stdin();
  }

  /** The output of the last, if that is {@link Stdio#STREAM}. */
  public ReadStream stdout() {
    return stages.getLast().stdout();
  }

  /** Done when all have ended: how each did. */
  public CompletableFuture<List<ExitStatus>> exit() {
    var exits = stages.stream().map(Subprocess::exit).toList();
    return CompletableFuture.allOf(exits.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> exits.stream().map(CompletableFuture::join).toList());
  }

  /** Begins to stop all, as their commands say. */
  public void stop() {
    stages.forEach(Subprocess::stop);
  }

  /** Closes all: {@link Subprocess#close()}. */
  @Override
  public void close() {
    stop(); // all at once, so that their times do not add up
    stages.forEach(Subprocess::close);
  }
}
