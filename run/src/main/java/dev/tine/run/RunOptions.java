package dev.tine.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code tine run} was asked for.
 *
 * @param name what {@code ps}, logs and {@code tine status} call the program
 * @param command the program and its arguments
 * @param workers how many, at least 1
 * @param listen addresses that workers share; empty: all
 * @param accept how workers get the connections to them
 * @param readyPath answers 2xx when the program is ready
 * @param readyTimeout from the start of the program until it is ready
 * @param restarts of workers that have ended by themselves
 * @param liveness of workers that have not
 * @param control the socket for {@code tine status} and the like; empty: in the runtime directory
 * @param stopTimeout for all to finish and end, before they are killed
 * @param watch who is told what happens
 * @param prefix whether lines of workers begin with the worker's id
 */
public record RunOptions(
    String name,
    List<String> command,
    int workers,
    List<ListenFilter> listen,
    Accept accept,
    Optional<String> readyPath,
    Duration readyTimeout,
    WarmupOptions warmup,
    RestartPolicy restarts,
    LivenessOptions liveness,
    Optional<Path> control,
    Duration stopTimeout,
    RolloutOptions rollout,
    WatchOptions watch,
    boolean prefix) {

  /** Copies the lists. */
  public RunOptions {
    command = List.copyOf(command);
    listen = List.copyOf(listen);
  }
}
