package dev.tine.systemtests.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.tine.prefork.Prefork;
import dev.tine.systemtests.kit.HttpConnection;
import dev.tine.systemtests.kit.Proc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tornado's {@code ProcessTest.test_multi_process}: workers 0 and 1 serve on the listener that they
 * inherited, worker 2 is the client and makes them end. Argument: "signals" for the part that
 * Tornado has commented out.
 */
public final class PreforkMultiProcess {
  private static final Pattern REQUEST = Pattern.compile("GET /(?:\\?(exit|signal)=(\\d+))? .*");

  private PreforkMultiProcess() {}

  static void main(String[] args) throws IOException {
    boolean withSignals = args.length > 0;
    long parent = Proc.self();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              if (Proc.self() == parent) {
                Program.say("task id in the parent: " + Prefork.taskId());
              }
            }));
    var listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    int port = listener.getLocalPort();

    int id = Prefork.forkProcesses(3, withSignals ? 5 : 3);

    Program.check(Prefork.taskId().orElse(-1) == id, "task id %s", Prefork.taskId());
    if (id < 2) {
      serve(listener);
    } else {
      listener.close();
      try {
        visit(port, withSignals);
      } catch (IOException | AssertionError e) {
        Program.say("client failed: " + Program.trace(e));
      }
      Runtime.getRuntime().halt(0);
    }
  }

  private static void visit(int port, boolean withSignals) throws IOException {
    // Make two processes exit abnormally.
    tryToFetch(port, "/?exit=2");
    tryToFetch(port, "/?exit=3");
    // They have been restarted, so a new fetch works.
    var _ = fetchPid(port);
    if (withSignals) {
      tryToFetch(port, "/?signal=15");
      tryToFetch(port, "/?signal=6");
      var _ = fetchPid(port);
    }
    // Now end them normally, so they will not be restarted.
    tryToFetch(port, "/?exit=0");
    // One is left; see its pid change.
    long pid = fetchPid(port);
    tryToFetch(port, "/?exit=4");
    long successor = fetchPid(port);
    Program.check(pid != successor, "pid %d twice", pid);
    // End the last one, so that all is done.
    tryToFetch(port, "/?exit=0");
    Program.say("client done: " + pid + " " + successor);
  }

  private static long fetchPid(int port) throws IOException {
    return Long.parseLong(HttpConnection.fetch(port, "/"));
  }

  private static void tryToFetch(int port, String path) {
    try {
      String body = HttpConnection.fetch(port, path);
      Program.fail("%s was answered: %s", path, body);
    } catch (IOException _) {
      // The server has ended.
    }
  }

  /** One thread, one request at a time, as the original. */
  private static void serve(ServerSocket listener) throws IOException {
    while (true) {
      try (Socket client = listener.accept()) {
        var in = new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
        String request = in.readLine();
        for (String header = in.readLine(); !header.isEmpty(); ) {
          header = in.readLine();
        }
        obey(request);
        String body = Long.toString(Proc.self());
        client
            .getOutputStream()
            .write(
                "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                    .formatted(body.length(), body)
                    .getBytes(ISO_8859_1));
      }
    }
  }

  private static void obey(String request) {
    Matcher matcher = REQUEST.matcher(request);
    Program.check(matcher.matches(), "%s", request);
    String what = matcher.group(1);
    if (what == null) {
      return;
    }
    int number = Integer.parseInt(matcher.group(2));
    if (what.equals("exit")) {
      Runtime.getRuntime().halt(number);
    }
    Libc.call("kill", (int) Proc.self(), number);
    Program.await("death by signal " + number, () -> false);
  }
}
