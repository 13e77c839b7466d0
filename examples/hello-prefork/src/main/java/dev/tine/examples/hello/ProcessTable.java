package dev.tine.examples.hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Prints the processes of this program once they serve, and what to try with them. */
final class ProcessTable {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(50);

  private record Row(long pid, long ppid, String command) {
    boolean isWorker() {
      return command.startsWith("tine: worker");
    }
  }

  private final long monitorPid = HelloPrefork.ownPid();
  private final InetSocketAddress address;
  private final int workers;

  private ProcessTable(InetSocketAddress address, int workers) throws IOException {
    this.address = address;
    this.workers = workers;
  }

  /** To be called before the fork: the process that forks never gets to a line after it. */
  static void printWhenReady(InetSocketAddress address, int workers) throws IOException {
    var table = new ProcessTable(address, workers);
    Thread.ofPlatform().daemon().name("process-table").start(table::waitAndPrint);
  }

  private void waitAndPrint() {
    long start = System.nanoTime();
    try {
      while (true) {
        List<Row> rows = rows();
        long serving = rows.stream().filter(Row::isWorker).count();
        if (HelloPrefork.ownPid() != monitorPid) {
          // All threads go on in a child, so in each worker, however late, this one wakes up where
          // the
          // mold was frozen. Asked after the look around: the freeze may have come before it.
          return;
        }
        if (serving == workers && answers()) {
          print(rows);
          return;
        }
        if (System.nanoTime() - start > DEADLINE.toNanos()) {
          System.err.printf(
              "hello-prefork: %d of %d workers after %d s%n",
              serving, workers, DEADLINE.toSeconds());
          return;
        }
        Thread.sleep(POLL);
      }
    } catch (IOException e) {
      System.err.println("hello-prefork: process table: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean answers() {
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout((int) DEADLINE.toMillis());
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8).startsWith("HTTP/1.1 200");
    } catch (IOException _) {
      return false;
    }
  }

  private void print(List<Row> rows) {
    var text = new StringBuilder("    PID    PPID  COMMAND\n");
    rows.forEach(r -> text.append("%7d %7d  %s%n".formatted(r.pid(), r.ppid(), r.command())));
    long firstWorker = rows.stream().filter(Row::isWorker).findFirst().orElseThrow().pid();
    text.append(
        """

        Try:   curl http://%s/
               kill -9 %d   and ask again: a successor answers
               Ctrl-C        stops all
        """
            .formatted(HelloPrefork.text(address), firstWorker));
    System.out.print(text);
    System.out.flush();
  }

  /** This process, then its children by pid. */
  private List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    try (Stream<Path> proc = Files.list(Path.of("/proc"))) {
      proc.map(path -> path.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .mapToLong(Long::parseLong)
          .sorted()
          .forEach(pid -> addIfOurs(pid, rows));
    }
    return rows;
  }

  private void addIfOurs(long pid, List<Row> rows) {
    Path dir = Path.of("/proc", Long.toString(pid));
    try {
      // pid (comm) state ppid ...: comm may hold anything, also ")"
      String stat = Files.readString(dir.resolve("stat"));
      long ppid = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3)[1]);
      if (pid == monitorPid || ppid == monitorPid) {
        String command = Files.readString(dir.resolve("cmdline")).replace('\0', ' ').strip();
        rows.add(new Row(pid, ppid, command));
      }
    } catch (IOException _) {
      // It ended meanwhile.
    }
  }
}
