package dev.tine.systemtests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.HttpConnection;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.PlainServer;
import dev.tine.systemtests.programs.ServiceStandIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code tine run} as a service of systemd, which a program of the tests stands in for. */
@Timeout(180)
class RunServiceTest {
  @Test
  void shouldServeOnThePassedSocketAndLoseNobodyBetweenTwoRuns() throws IOException {
    int port = RunJvm.freePort();
    try (TestJvm standIn = start(port, "@tine-test-" + UUID.randomUUID())) {
      long first = service(standIn);
      standIn.awaitLine("notify WATCHDOG=1"); // also while it boots
      standIn.awaitLine("notify READY=1 STATUS=2 of 2 workers serve, generation 1");
      assertThat(RunJvm.pidIn(HttpConnection.fetch(port, "/"))).isNotEqualTo(first);
      // Nobody else binds it: the socket is the one that was passed.
      assertThat(standIn.errorLines()).anyMatch(line -> line.matches("tine: serving workers=2"));

      standIn.awaitLine("notify WATCHDOG=1");
      Kill.process(first, Signal.HUP);
      standIn.awaitLine("notify RELOADING=1 MONOTONIC_USEC=[0-9]+ STATUS=.*, changing");
      standIn.awaitLine("notify READY=1 STATUS=2 of 2 workers serve, generation 2");

      Kill.process(first, Signal.TERM);
      standIn.awaitLine("notify STOPPING=1 STATUS=stopping");
      standIn.awaitLine("ended " + first);
      try (var waiting = new HttpConnection(port)) { // nobody runs, and it connects
        service(standIn);
        standIn.awaitLine("notify READY=1 STATUS=2 of 2 workers serve, generation 1");
        assertThat(waiting.get("/", false)).isNotEmpty();
      }
    }
  }

  @Test
  void shouldTellWhoListensAtAPath() throws IOException {
    Path directory = Files.createTempDirectory("tine-notify-");
    Path socket = directory.resolve("notify");
    int port = RunJvm.freePort();
    try (TestJvm standIn = start(port, socket.toString())) {
      long service = service(standIn);
      standIn.awaitLine("notify READY=1 .*");
      long worker =
          Proc.children(service).stream()
              .filter(pid -> Proc.title(pid).startsWith("tine: worker"))
              .findFirst()
              .orElseThrow();
      // What was said to the monitor is nobody else's.
      assertThat(Files.readString(Path.of("/proc/" + worker + "/environ"), ISO_8859_1))
          .doesNotContain("NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC");
      Kill.process(service, Signal.TERM);
      standIn.awaitLine("ended " + service);
    } finally {
      Files.deleteIfExists(socket);
      Files.delete(directory);
    }
  }

  private static TestJvm start(int port, String notify) {
    List<String> arguments = new ArrayList<>(List.of(Integer.toString(port), notify));
    arguments.addAll(RunJvm.javaCommand());
    arguments.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED", "dev.tine.cli.Tine", "run", "--name", "test"));
    arguments.addAll(
        List.of(
            "--workers", "2", "--warmup-requests", "5", "--ready-path", "/", "--probation", "0s"));
    arguments.add("--");
    arguments.addAll(RunJvm.javaCommand());
    arguments.add(PlainServer.class.getName());
    arguments.add(Integer.toString(port));
    TestJvm standIn =
        TestJvm.of(ServiceStandIn.class)
            .arguments(arguments.toArray(String[]::new))
            .runtimeDirectory("XDG_RUNTIME_DIR")
            .start();
    standIn.awaitLine("stand-in ready");
    return standIn;
  }

  private static long service(TestJvm standIn) {
    standIn.send("start");
    return Long.parseLong(standIn.awaitLine("service ([0-9]+)").group(1));
  }
}
