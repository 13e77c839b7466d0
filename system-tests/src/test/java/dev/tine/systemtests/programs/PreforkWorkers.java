package dev.tine.systemtests.programs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tine.prefork.Prefork;
import dev.tine.systemtests.kit.Proc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Workers that do as they are told, each on a port of its own, which it prints.
 *
 * <p>Arguments: the number of processes, the number of restarts or "default", then any of the
 * features below. If the call throws in the parent, that is printed and the exit code is {@value
 * #THROWN}.
 */
public final class PreforkWorkers {
  public static final int THROWN = 42;
  public static final int COUNTED = 1000;

  private static final long MONITOR = Proc.self();
  private static final CountDownLatch released = new CountDownLatch(1);
  private static final AtomicInteger counter = new AtomicInteger();
  private static final SecureRandom oldSecureRandom = new SecureRandom();

  private final int id;
  private final ServerSocket listener;

  private PreforkWorkers(int id, ServerSocket listener) {
    this.id = id;
    this.listener = listener;
  }

  static void main(String[] args) throws Exception {
    List<String> features = List.of(args).subList(2, args.length);
    for (String feature : features) {
      switch (feature) {
        case "burn" -> burn();
        case "count" -> countAfterFork();
        case "child" -> startChild();
        case "crash" -> {}
        default -> throw new IllegalArgumentException(feature);
      }
    }
    // So that each generator has a state to inherit.
    var _ = random();
    Runtime.getRuntime().addShutdownHook(new Thread(PreforkWorkers::reportEndOfMonitor));
    var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    int id = fork(Integer.parseInt(args[0]), args[1]);

    if (features.contains("crash") && id == 0) {
      // Not by the JVM, whose exit can wait 300 ms for threads in native code.
      Libc.syscall(Libc.SYS_EXIT_GROUP, 1);
    }
    new PreforkWorkers(id, listener).serve();
  }

  private static int fork(int processes, String maxRestarts) {
    try {
      return maxRestarts.equals("default")
          ? Prefork.forkProcesses(processes)
          : Prefork.forkProcesses(processes, Integer.parseInt(maxRestarts));
    } catch (RuntimeException e) {
      Program.say("thrown in %d: %s".formatted(Proc.self(), e));
      System.exit(THROWN);
      throw e;
    }
  }

  private static void reportEndOfMonitor() {
    if (Proc.self() == MONITOR) {
      Program.say(
          "monitor ends: task id %s, children %s"
              .formatted(Prefork.taskId(), Proc.children(MONITOR)));
    }
  }

  private void serve() throws IOException {
    try (var commands = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Program.say("worker %d %d %d".formatted(id, Proc.self(), commands.getLocalPort()));
      while (true) {
        try (Socket client = commands.accept()) {
          String command =
              new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8)).readLine();
          client.getOutputStream().write((carryOut(command) + "\n").getBytes(UTF_8));
        }
      }
    }
  }

  private String carryOut(String command) throws IOException {
    String[] words = command.split(" ", 2);
    int number = words.length > 1 ? Integer.parseInt(words[1]) : 0;
    switch (words[0]) {
      case "ping" -> {}
      case "ids" -> {
        return id + " " + Prefork.taskId();
      }
      case "halt" -> Runtime.getRuntime().halt(number);
      case "exit" -> System.exit(number);
      case "default" -> Libc.call("signal", number, 0L);
      case "ignore" -> Libc.call("signal", number, 1L);
      case "hold" -> Runtime.getRuntime().addShutdownHook(new Thread(this::awaitRelease));
      case "release" -> released.countDown();
      case "close" -> listener.close();
      case "listener" -> {
        return Integer.toString(listener.getLocalPort());
      }
      case "accept" -> {
        try (Socket client = listener.accept()) {
          client.getOutputStream().write((id + "\n").getBytes(UTF_8));
        }
      }
      case "counter" -> {
        return Integer.toString(counter.get());
      }
      case "random" -> {
        return random();
      }
      case "nested" -> {
        try {
          return "returned " + Prefork.forkProcesses(2);
        } catch (RuntimeException e) {
          return e.toString();
        }
      }
      default -> throw new IllegalArgumentException(command);
    }
    return "ok";
  }

  /** The first number of each generator. */
  private static String random() {
    return String.join(
        " ",
        Long.toHexString(oldSecureRandom.nextLong()),
        Long.toHexString(new SecureRandom().nextLong()),
        UUID.randomUUID().toString(),
        Double.toString(Math.random()),
        Long.toHexString(ThreadLocalRandom.current().nextLong()),
        Long.toHexString(new Random().nextLong()),
        Long.toHexString(new SplittableRandom().nextLong()));
  }

  private void awaitRelease() {
    Program.say("stopping " + id);
    try {
      released.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Keeps a processor busy, in the parent. */
  private static void burn() {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (Proc.self() == MONITOR) {
            counter.incrementAndGet();
          }
        });
  }

  /**
   * Counts up in the parent, once the file "go" exists. Every worker has the thread that does it,
   * so it asks where it is; and it asks after it has seen the file, which does not exist yet when
   * the mold is frozen.
   */
  private static void countAfterFork() {
    Path go = Path.of("go");
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          Program.await("go", () -> Files.exists(go) || Proc.self() != MONITOR);
          if (Proc.self() == MONITOR) {
            counter.set(COUNTED);
            Program.say("counted");
          }
        });
  }

  /** A child of the parent that is no worker. */
  private static void startChild() throws IOException {
    Process child = new ProcessBuilder("sleep", "600").start();
    Program.say("child " + child.pid());
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            Program.say("child ended with " + child.waitFor());
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          } catch (IllegalStateException e) { // in a worker, whose child it is not
            Program.check(Proc.self() != MONITOR, "%s", e);
          }
        });
  }
}
