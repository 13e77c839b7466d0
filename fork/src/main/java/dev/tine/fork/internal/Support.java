package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.Refusal;
import dev.tine.repair.Identity;
import dev.tine.repair.Recordings;
import dev.tine.repair.RepairException;
import dev.tine.repair.Repairs;
import dev.tine.repair.Requirements;
import dev.tine.sys.Natives;
import dev.tine.sys.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a JVM needs to be forked at all. None of it changes while a process lives, so it is checked
 * once.
 */
final class Support {
  private static volatile boolean checked;

  private Support() {}

  /** Throws {@link ForkException} with the first thing that is missing, and the remedy. */
  static void checkOnce() {
    if (checked) {
      return;
    }
    refuse(platform(System.getProperty("os.name", ""), System.getProperty("os.arch", "")));
    List<String> mappings;
    try {
      mappings = Files.readAllLines(Path.of("/proc/self/maps"));
    } catch (IOException e) {
      throw refused("/proc cannot be read (" + e.getMessage() + "); mount it");
    }
    // Before the library is loaded: it does not load on musl.
    refuse(mappings(mappings));
    refuse(probe(Probe.take()));
    refuse(identity(Identity.find()));
    try {
      Repairs.prepare();
    } catch (RepairException e) {
      throw Failures.of(e);
    }
    checked = true;
  }

  /** As {@link #checkOnce}, for what may change while a process lives. */
  static void checkNow(ForkOptions options) {
    if (!options.allows(Refusal.FLIGHT_RECORDER)) {
      refuse(Recordings.reason());
    }
  }

  static Optional<String> platform(String os, String architecture) {
    if (!os.equals("Linux")) {
      return Optional.of(
          "this is " + os + ", and only Linux can clone a process in the way that is needed");
    }
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return Optional.of("the processor is " + architecture + ", and only x86_64 is supported");
    }
    return Optional.empty();
  }

  static Optional<String> mappings(List<String> lines) {
    return Requirements.mappings(lines);
  }

  static Optional<String> probe(Probe probe) {
    Natives.bind(Requirements.class);
    return Requirements.probe(
        probe.tidAddress(), probe.pidfd(), probe.leader(), probe.loaderLocks());
  }

  static Optional<String> identity(int result) {
    return Requirements.identity(result);
  }

  static String leaderGone() {
    return Requirements.leaderGone();
  }

  private static void refuse(Optional<String> reason) {
    if (reason.isPresent()) {
      throw refused(reason.get());
    }
  }

  static ForkException refused(String reason) {
    return new ForkException(
        ForkException.Stage.SUPPORT, 0, "this JVM cannot be forked: " + reason);
  }
}
