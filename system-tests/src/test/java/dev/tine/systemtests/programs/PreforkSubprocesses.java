package dev.tine.systemtests.programs;

import dev.tine.prefork.Prefork;
import dev.tine.process.Command;
import dev.tine.process.EventLoop;
import dev.tine.process.ExitStatus;
import dev.tine.process.Stdio;
import dev.tine.process.Subprocess;
import java.util.concurrent.TimeUnit;

/** Workers whose loop, and a subprocess, existed before them; each prints what its own has. */
public final class PreforkSubprocesses {
  private PreforkSubprocesses() {}

  static void main() throws Exception {
    Command.of("true").run();
    EventLoop loop = EventLoop.shared();
    Subprocess cat = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.DISCARD).start();
    Prefork.forkProcesses(3);
    Program.check(EventLoop.shared() == loop, "the worker has another loop");
    ExitStatus end = cat.exit().get(Program.LIMIT.toSeconds(), TimeUnit.SECONDS);
    Program.check(end instanceof ExitStatus.Unknown, "the monitor's child ended as %s", end);
    System.out.print(Command.of("printf", "x").run().text());
    System.out.flush();
  }
}
