package dev.tine.process;

import dev.tine.sys.FileCall;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Commands of which each reads what the one before it writes, through a pipe of the kernel: no byte
 * passes through this process. Immutable.
 */
public final class Pipeline {
  private final List<Command> stages;

  private Pipeline(List<Command> stages) {
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("a pipeline without a command");
    }
    this.stages = List.copyOf(stages);
  }

  /** A pipeline; the stdin of the first command and the stdout of the last are theirs to say. */
  public static Pipeline of(Command... commands) {
    return new Pipeline(List.of(commands));
  }

  /** One command more. */
  public Pipeline pipe(Command next) {
    List<Command> longer = new ArrayList<>(stages);
    longer.add(next);
    return new Pipeline(longer);
  }

  /** Writes what comes through here to a file as well, with tee(1). */
  public Pipeline tee(Path file) {
    return pipe(Command.of("tee", "--", file.toString()));
  }

  /** Starts all commands, or none. */
  public RunningPipeline start() {
    List<Subprocess> started = new ArrayList<>();
    connect(stage -> started.add(stage.start()), () -> started.forEach(Pipeline::discard));
    return new RunningPipeline(started);
  }

  /**
   * Runs all commands to their ends, each as {@link Command#run()} does. The pipeline fails if one
   * of them fails, the last that does: but a command before the last may end by SIGPIPE, which says
   * only that the rest of its output was not wanted.
   *
   * @throws CommandFailedException of a command that failed, unless it is {@link
   *     Command#unchecked()}
   */
  public PipelineResult run() throws InterruptedException {
    List<CompletableFuture<Result>> runs = new ArrayList<>();
    AtomicReference<@Nullable RuntimeException> first = new AtomicReference<>();
    Runnable stopAll = () -> runs.forEach(run -> run.cancel(true));
    connect(
        stage -> {
          CompletableFuture<Result> run = Run.start(stage.unchecked());
          runs.add(run);
          var _ =
              run.whenComplete((result, error) -> {
                if (error instanceof RuntimeException e && first.compareAndSet(null, e)) {
                  stopAll.run(); // the others would wait for it
                }
              });
        },
        stopAll);
    List<Result> results = new ArrayList<>();
    try {
      for (CompletableFuture<Result> run : runs) {
        results.add(Run.await(run));
      }
    } catch (InterruptedException e) {
      stopAll.run();
      throw e;
    } catch (RuntimeException e) {
      RuntimeException cause = first.get();
      throw cause == null ? e : cause; // the others were only cancelled for it
    }
    PipelineResult whole = new PipelineResult(results);
    int failed = whole.failedStage();
    if (failed >= 0 && stages.get(failed).checked) {
      throw new CommandFailedException(results.get(failed));
    }
    return whole;
  }

  @Override
  public String toString() {
    return String.join(" | ", stages.stream().map(Command::toString).toList());
  }

  private interface Starter {
    void start(Command stage);
  }

  private void connect(Starter starter, Runnable undo) {
    int input = -1;
    try {
      for (int i = 0; i < stages.size(); i++) {
        Command stage = input < 0 ? stages.get(i) : stages.get(i).stdin(Stdio.descriptor(input));
        FileCall.Pipe pipe = null;
        if (i < stages.size() - 1) {
          pipe = FileCall.pipe();
          stage = stage.stdout(Stdio.descriptor(pipe.writeFd()));
        }
        int read = input;
        input = pipe == null ? -1 : pipe.readFd();
        try {
          starter.start(stage);
        } finally {
          // Here, or the last of them to end would not see the end of its input.
          if (pipe != null) {
            FileCall.close(pipe.writeFd());
          }
          if (read >= 0) {
            FileCall.close(read);
          }
        }
      }
    } catch (RuntimeException e) {
      if (input >= 0) {
        FileCall.close(input);
      }
      undo.run();
      throw e;
    }
  }

  private static void discard(Subprocess started) {
    started.stop(Escalation.KILL);
    started.close();
  }
}
