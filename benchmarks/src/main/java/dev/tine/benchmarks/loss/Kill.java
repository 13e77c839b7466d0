package dev.tine.benchmarks.loss;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The death of a worker by SIGKILL, and which connections were in its hands.
 *
 * @param nanos when it was killed
 * @param clientPorts the clients' ends of the connections that it had accepted
 */
public record Kill(long nanos, Set<Integer> clientPorts) {
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int INODE = 9;
  private static final int HEX = 16;

  /**
   * Kills it. It is stopped first: what it has accepted when it is looked at is then what it has
   * when it dies, and the connections that wait for it to accept are not among that.
   *
   * @param port that it serves
   * @return empty: it was about to end by itself, and has
   */
  public static Optional<Kill> of(long pid, int port) throws IOException, InterruptedException {
    Optional<Kill> kill = Optional.empty();
    try {
      if (signal("STOP", pid)) {
        awaitStop(pid);
        Set<Integer> held = held(pid, port);
        kill = Optional.of(new Kill(System.nanoTime(), held));
      }
    } catch (IOException | DirectoryIteratorException e) {
      if (Files.exists(Path.of("/proc/" + pid))) {
        throw e;
      }
    } finally {
      if (!signal("KILL", pid)) {
        kill = Optional.empty();
      }
    }
    return kill;
  }

  /** Whether this request was in its hands. */
  boolean explains(Loss loss) {
    return clientPorts.contains(loss.localPort())
        && loss.beginNanos() <= nanos
        && nanos <= loss.endNanos();
  }

  private static boolean signal(String name, long pid) throws IOException, InterruptedException {
    return new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor() == 0;
  }

  private static void awaitStop(long pid) throws IOException {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        while (!isStopped(thread)) {
          Thread.onSpinWait();
        }
      }
    }
  }

  private static boolean isStopped(Path thread) throws IOException {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state == 'T' || state == 'Z' || state == 'X';
    } catch (NoSuchFileException e) {
      return true; // it ended on its way
    }
  }

  private static Set<Integer> held(long pid, int port) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path each : open) {
        String target = Files.readSymbolicLink(each).toString();
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    Set<Integer> ports = new HashSet<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split(" +", INODE + 2);
        if (inodes.contains(fields[INODE]) && port(fields[LOCAL]) == port) {
          ports.add(port(fields[REMOTE]));
        }
      }
    }
    return ports;
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), HEX);
  }
}
