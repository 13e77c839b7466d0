package dev.tine.benchmarks.accept;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server under {@code tine run}. */
public final class Running implements AutoCloseable {
  private static final Pattern WORKER = Pattern.compile("tine: worker id=(\\d+) pid=\\d+.*");
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private final Process monitor;
  private final int port;

  private Running(Process monitor, int port) {
    this.monitor = monitor;
    this.port = port;
  }

  /** Starts it, and waits for its workers. */
  public static Running start(Server server, List<String> options, int workers, int workMicros)
      throws IOException {
    int port = freePort();
    String classPath = System.getProperty("java.class.path");
    List<String> command = new ArrayList<>();
    command.addAll(List.of(JAVA, "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath));
    command.addAll(List.of("dev.tine.cli.Tine", "run", "--name", "accept-" + server));
    command.addAll(List.of("--workers", Integer.toString(workers), "--warmup-requests", "3000"));
    command.addAll(options);
    command.addAll(List.of("--", JAVA, "-XX:+UseSerialGC", "-Xmx96m", "-cp", classPath));
    command.addAll(List.of(Server.class.getName(), server.name(), Integer.toString(port)));
    command.add(Integer.toString(workMicros));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var running = new Running(process, port);
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    running.awaitWorkers(workers);
    return running;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitWorkers(int workers) throws IOException {
    var reader =
        new BufferedReader(new InputStreamReader(monitor.getInputStream(), StandardCharsets.UTF_8));
    Set<String> seen = new HashSet<>();
    List<String> lines = new ArrayList<>();
    while (seen.size() < workers) {
      String line = reader.readLine();
      if (line == null) {
        throw new IOException("tine run has ended:\n" + String.join("\n", lines));
      }
      lines.add(line);
      Matcher matcher = WORKER.matcher(line);
      if (matcher.matches()) {
        seen.add(matcher.group(1));
      }
    }
    Thread.ofVirtual()
        .start(() -> {
          try {
            reader.transferTo(Writer.nullWriter());
          } catch (IOException e) {
            // It has ended, and nobody is interested in what it would have said.
          }
        });
  }

  public int port() {
    return port;
  }

  /** Stops it, and waits for its end. */
  @Override
  public void close() {
    monitor.destroy();
    try {
      monitor.waitFor();
    } catch (InterruptedException e) {
      monitor.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
