package dev.tine.run;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How workers are replaced while the program serves.
 *
 * @param probation how long the first worker of a generation has to be healthy before others follow
 * @param maxSurge how many successors may be under way at a time, at least 1
 * @param drainTimeout for a worker to finish its requests and end, before it is killed
 * @param keepMolds how many former generations can be gone back to
 * @param maxAge when a worker is replaced
 * @param maxRequests begun by a worker that counts them, when it is replaced
 * @param maxPssBytes of memory, when a worker is replaced
 */
public record RolloutOptions(
    Duration probation,
    int maxSurge,
    Duration drainTimeout,
    int keepMolds,
    Optional<Duration> maxAge,
    OptionalLong maxRequests,
    OptionalLong maxPssBytes) {}
