package dev.tine.run;

import dev.tine.fork.Signal;
import dev.tine.sys.Environ;
import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SpawnCall;
import dev.tine.sys.SpawnOutcome;
import dev.tine.sys.SpawnPhase;
import dev.tine.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The start of a program: a child of the monitor, with the library preloaded. */
final class Launch {
  /** The program's end of its control socket. */
  static final int CONTROL_FD = 4;

  private static final int LINK_FD = 3;
  private static final byte[] PRELOAD = "LD_PRELOAD".getBytes(StandardCharsets.US_ASCII);

  /** For what ps is to show, which may be longer than the command. */
  private static final int TITLE_ROOM = 100;

  /** The kernel is to choose a worker first, then a mold, and last the monitor. */
  private static final int OOM_SCORE = 100;

  private Launch() {}

  /**
   * A program that runs. Its descriptors are the receiver's.
   *
   * @param linkFd the monitor's end of the socket for what it wants of the monitor
   * @param controlFd the monitor's end of its control socket
   * @param outputs its standard output and error, as its mold will know them
   * @param controlPlace its own end of the control socket, likewise
   */
  record Launched(
      int pid,
      int pidfd,
      int linkFd,
      int controlFd,
      Console.Source out,
      Console.Source err,
      List<OrderCall.Passed> outputs,
      OrderCall.Passed controlPlace) {}

  /** The descriptors of a program, both sides. */
  private record Ends(
      OrderCall.Pair link, OrderCall.Pair control, Console.Opened out, Console.Opened err) {
    void closeProgramSide() {
      Pidfd.close(link.moldFd());
      Pidfd.close(control.moldFd());
      Pidfd.close(out.writeFd());
      Pidfd.close(err.writeFd());
    }
  }

  /**
   * Starts the program.
   *
   * @throws RunFailedException if it cannot be
   */
  static Launched start(Console console, RuntimeDirectory directory, List<String> command) {
    Path library = directory.library();
    Ends ends = open(console, command.getFirst());
    int nothing = FileCall.open(bytes("/dev/null"), FileCall.O_RDONLY, 0);
    try {
      List<byte[]> arguments = command.stream().map(Launch::bytes).toList();
      SpawnOutcome outcome =
          new SpawnCall(arguments.getFirst(), arguments)
              .environment(environment(library, directory.guestJar()))
              .place(nothing, 0)
              .place(ends.out.writeFd(), 1)
              .place(ends.err.writeFd(), 2)
              .place(ends.link.moldFd(), LINK_FD)
              .place(ends.control.moldFd(), CONTROL_FD)
              .group(0)
              .oomScore(OOM_SCORE)
              .deathSignal(Signal.KILL.number())
              .start();
      if (outcome instanceof SpawnOutcome.Failed failed) {
        Pidfd.close(ends.link.monitorFd());
        Pidfd.close(ends.control.monitorFd());
        throw new RunFailedException(reasonOf(command.getFirst(), failed));
      }
      var process = (SpawnOutcome.Started) outcome;
      var outputs = List.of(Inodes.of(-1, ends.out.writeFd()), Inodes.of(-1, ends.err.writeFd()));
      var control = Inodes.of(-1, ends.control.moldFd());
      return new Launched(
          process.pid(),
          process.pidfd(),
          ends.link.monitorFd(),
          ends.control.monitorFd(),
          ends.out.source(),
          ends.err.source(),
          outputs,
          control);
    } finally {
      Pidfd.close(nothing);
      ends.closeProgramSide();
    }
  }

  private static Ends open(Console console, String command) {
    try (var opening = new Opening()) {
      var ends =
          new Ends(
              opening.pair(),
              opening.pair(),
              opening.source(console, "boot | ", false),
              opening.source(console, "boot | ", true));
      opening.keep();
      return ends;
    } catch (SystemCallException e) {
      throw new RunFailedException("cannot start %s: %s".formatted(command, e.getMessage()));
    }
  }

  private static String reasonOf(String command, SpawnOutcome.Failed failed) {
    if (failed.phase() == SpawnPhase.EXEC
        && failed.errno() == Errno.ENOENT
        && !command.contains("/")) {
      return "cannot start %s: there is no such command in PATH".formatted(command);
    }
    return "cannot start %s: %s: %s"
        .formatted(
            command, failed.phase().name().toLowerCase(Locale.ROOT), Errno.text(failed.errno()));
  }

  /** This process's, with the library preloaded before what is preloaded already. */
  private static List<byte[]> environment(Path library, Path guestJar) {
    List<byte[]> entries = new ArrayList<>(Environ.entries());
    String before =
        Environ.value(entries, PRELOAD)
            .map(value -> ":" + new String(value, StandardCharsets.UTF_8))
            .orElse("");
    entries.removeIf(entry -> Environ.isNamed(entry, PRELOAD) || isMonitorsOwn(entry));
    entries.addFirst(bytes("TINE_TITLE=" + "-".repeat(TITLE_ROOM))); // first: see title.c
    entries.add(bytes("LD_PRELOAD=" + library + before));
    entries.add(
        bytes("TINE_RUN=%d,%d,%d,%s".formatted(LINK_FD, CONTROL_FD, Pidfd.self(), guestJar)));
    return entries;
  }

  private static boolean isMonitorsOwn(byte[] entry) {
    return ServiceEnvironment.isOwn(new String(entry, StandardCharsets.ISO_8859_1));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
