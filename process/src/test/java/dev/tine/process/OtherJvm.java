package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A JVM that has subprocesses, and is ended in several ways. */
final class OtherJvm {
  private OtherJvm() {}

  /** Says the pid of its subprocess, then waits. */
  public static void main(String[] arguments) throws Exception {
    Command sleep = Command.of("sleep", "1000").stdin(Stdio.DISCARD).stdout(Stdio.DISCARD);
    Subprocess p =
        switch (arguments[0]) {
          case "tied" -> sleep.dieWithParent().start();
          case "stopped" -> sleep.stopAtShutdown().start();
          case "deaf" ->
              shell("trap '' TERM; echo deaf; while :; do sleep 0.05; done")
                  .stdout(Stdio.STREAM)
                  .stopAtShutdown()
                  .escalation(
                      Escalation.signal(Signal.TERM).then(Duration.ofMillis(100), Signal.KILL))
                  .start();
          default -> sleep.start();
        };
    if (arguments[0].equals("deaf")) {
      get(p.stdout().readUntil("\n"));
    }
    System.out.println(p.pid());
    new CountDownLatch(1).await();
  }

  /** Starts it. */
  static Subprocess start(String how) {
    return command(OtherJvm.class, how).stdout(Stdio.STREAM).start();
  }

  /** A class in a JVM like this one. */
  static Command command(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(Arrays.asList(arguments));
    return Command.of(command);
  }
}
