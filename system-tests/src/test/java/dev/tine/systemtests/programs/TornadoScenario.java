package dev.tine.systemtests.programs;

import dev.tine.prefork.Prefork;
import dev.tine.systemtests.kit.LoadClient;
import dev.tine.systemtests.kit.Proc;

/**
 * Tornado's own test of its processes, test_multi_process, with the signal variants that it has
 * commented out: two workers serve, the third is the client and kills the others.
 */
public final class TornadoScenario {
  private TornadoScenario() {}

  static void main() throws Exception {
    WebServer server = new WebServer();
    int port = server.port();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> Program.say("exit of " + Proc.self() + " task " + Prefork.taskId())));
    int id = Prefork.forkProcesses(3, 5);
    Program.checkEqual(Prefork.taskId().orElse(-1), id, "task id");
    if (id < 2) {
      server.serve(TornadoScenario::answer);
    }
    server.close(); // this copy; the other workers have theirs
    act(port);
    Program.say("client done");
    System.exit(0);
  }

  private static void act(int port) {
    // Two abnormal exits and two signals; each worker killed is replaced.
    get(port, "/?exit=2");
    get(port, "/?exit=3");
    pid(port);
    get(port, "/?signal=15");
    get(port, "/?signal=6");
    pid(port);
    // One worker leaves for good.
    get(port, "/?exit=0");
    long before = pid(port);
    // What serves now is the only one: its successor has another pid.
    get(port, "/?exit=4");
    long after = pid(port);
    Program.check(before != after, "the same process %d serves after its exit", before);
    get(port, "/?exit=0");
  }

  private static String answer(String path) {
    if (path.startsWith("/?exit=")) {
      Libc.syscall(Libc.SYS_EXIT_GROUP, Integer.parseInt(path.substring("/?exit=".length())));
    }
    if (path.startsWith("/?signal=")) {
      int signal = Integer.parseInt(path.substring("/?signal=".length()));
      Program.checkEqual(Libc.call("kill", (int) Proc.self(), signal), 0, "kill");
      Program.await("the end", () -> false);
    }
    return Long.toString(Proc.self());
  }

  private static long pid(int port) {
    String body = LoadClient.get(port, "/").orElseThrow(() -> new AssertionError("no answer"));
    return Long.parseLong(body);
  }

  /** The connection ends without an answer: that is what is asked for. */
  private static void get(int port, String path) {
    LoadClient.get(port, path).ifPresent(body -> Program.fail("%s was answered: %s", path, body));
  }
}
