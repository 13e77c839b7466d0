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
 * @param maxRestarts of all workers together; empty: as many as it takes
 * @param control the socket for {@code tine status} and the like; empty: in the runtime directory
 * @param stopTimeout between SIGTERM and SIGKILL
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
    Optional<Integer> maxRestarts,
    Optional<Path> control,
    Duration stopTimeout,
    boolean prefix) {

  /** Copies the lists. */
  public RunOptions {
    command = List.copyOf(command);
    listen = List.copyOf(listen);
  }
}
