package dev.tine.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How workers are asked whether they are alive, and what becomes of one that is not.
 *
 * @param interval between questions
 * @param timeout a worker that has not answered for so long is stuck; zero: nobody is asked
 * @param onDeadlock of threads of Java
 * @param onCollectorSpiral when it does nothing but collect garbage
 * @param cores whether it is to leave a core dump before it is killed
 * @param evidenceDirectory where reports are kept; empty: in the runtime directory
 */
public record LivenessOptions(
    Duration interval,
    Duration timeout,
    OnStuck onDeadlock,
    OnStuck onCollectorSpiral,
    boolean cores,
    Optional<Path> evidenceDirectory) {}
