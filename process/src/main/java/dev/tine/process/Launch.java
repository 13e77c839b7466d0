package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.NativeText;
import dev.tine.sys.SpawnCall;
import dev.tine.sys.SpawnOutcome;
import dev.tine.sys.SpawnPhase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Turns a {@link Command} into a running program. */
final class Launch {
  private Launch() {}

  /** Starts a command with the descriptors of a plumbing. Throws {@link SpawnException}. */
  static SpawnOutcome.Started start(Command command, Plumbing plumbing, Spawner spawner) {
    SpawnCall call = call(command);
    plumbing.place(call);
    boolean here = command.deathSignal.isEmpty() && !Thread.currentThread().isVirtual();
    return switch (here ? call.start() : spawner.start(call)) {
      case SpawnOutcome.Started started -> started;
      case SpawnOutcome.Failed failed -> throw failure(command, failed);
    };
  }

  private static SpawnCall call(Command command) {
    SpawnCall call = new SpawnCall(command.arguments.all().getFirst(), command.arguments.all());
    if (!command.environment.isInherited()) {
      call.environment(command.environment.entries());
    }
    command.directory.ifPresent(path -> call.directory(NativeText.bytes(path.toString())));
    switch (command.grouping) {
      case SAME -> {}
      case OWN_GROUP -> call.group(0);
      case OWN_SESSION -> call.newSession();
    }
    if (command.onTerminal) {
      call.controllingTerminal(0);
    }
    command.identity.ifPresent(user ->
        call.uid(user.uid())
            .gid(user.gid())
            .groups(user.groups().stream().mapToInt(Integer::intValue).toArray()));
    for (Command.Limit limit : command.limits) {
      call.limit(limit.resource().number(), limit.soft(), limit.hard());
    }
    command.umask.ifPresent(call::umask);
    command.nice.ifPresent(call::nice);
    command.oomScore.ifPresent(call::oomScore);
    command.cgroup.ifPresent(
        group -> call.cgroup(NativeText.bytes(group.resolve("cgroup.procs").toString())));
    command.deathSignal.ifPresent(signal -> call.deathSignal(signal.number()));
    for (Signal job : List.of(Signal.HUP, Signal.INT, Signal.QUIT)) {
      call.keepIgnored(job.number());
    }
    return call;
  }

  private static SpawnException failure(Command command, SpawnOutcome.Failed failed) {
    String reason = Errno.text(failed.errno()) + Cures.of(failed.errno());
    return switch (failed.phase()) {
      case EXEC -> {
        boolean searched = command.program().indexOf('/') < 0;
        yield failed.errno() == Errno.ENOENT && searched
            ? new SpawnException(
                command.program(),
                SpawnException.Phase.RESOLVE,
                failed.errno(),
                failed.program(),
                "no directory of its PATH has it")
            : new SpawnException(
                command.program(),
                SpawnException.Phase.EXEC,
                failed.errno(),
                failed.program(),
                failed.program() + ": " + reason + interpreter(failed));
      }
      case DIRECTORY -> {
        String directory = command.directory.map(Path::toString).orElse("");
        yield of(command, failed, directory, "in directory \"" + directory + "\": " + reason);
      }
      case CGROUP -> {
        String group = command.cgroup.map(Path::toString).orElse("");
        yield of(command, failed, group, group + ": " + reason);
      }
      case DESCRIPTORS -> of(command, failed, "", "descriptor " + failed.item() + ": " + reason);
      case LIMITS ->
          of(
              command,
              failed,
              "",
              command.limits.stream()
                      .filter(limit -> limit.resource().number() == failed.item())
                      .findFirst()
                      .map(limit -> limit.resource().toString())
                      .orElse("resource " + failed.item())
                  + ": "
                  + reason);
      case CLONE, SIGNALS, GROUP, TERMINAL, OOM_SCORE, NICE, USER, DEATH_SIGNAL ->
          of(command, failed, "", reason);
    };
  }

  /** ENOENT also means that what a program needs to run is not there. */
  private static String interpreter(SpawnOutcome.Failed failed) {
    return failed.errno() == Errno.ENOENT && Files.exists(Path.of(failed.program()))
        ? " (the file exists; its interpreter, named in its first line or its header, does not)"
        : "";
  }

  private static SpawnException of(
      Command command, SpawnOutcome.Failed failed, String path, String detail) {
    return new SpawnException(
        command.program(), phase(failed.phase()), failed.errno(), path, detail);
  }

  private static SpawnException.Phase phase(SpawnPhase phase) {
    return SpawnException.Phase.valueOf(phase.name());
  }
}
