package dev.tine.process.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A check that a piece of code leaves no descriptor, no child, and no thread behind.
 *
 * <pre>{@code
 * try (LeakCheck leaks = LeakCheck.begin()) {
 *   codeUnderTest();
 * } // fails with what is left over
 * }</pre>
 *
 * <p>Run the code once before: what is loaded and started once is no leak. Children that have ended
 * and were not waited for, zombies, count. For tests that run alone in their JVM.
 */
public final class LeakCheck implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = 5_000_000;

  private final Map<String, String> before = openNow();
  private final Duration limit;

  private LeakCheck(Duration limit) {
    this.limit = limit;
  }

  /** Notes what there is. What is on its way out when the check ends has 10 seconds. */
  public static LeakCheck begin() {
    return begin(Duration.ofSeconds(10));
  }

  /** Notes what there is. What is on its way out when the check ends has some time. */
  public static LeakCheck begin(Duration limit) {
    return new LeakCheck(limit);
  }

  /**
   * Looks what there is more, until there is nothing.
   *
   * @throws AssertionError if there is, after the time
   */
  @Override
  public void close() {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    for (List<String> left = left(); !left.isEmpty(); left = left()) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new AssertionError("left over: " + String.join(", ", left));
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS); // nobody tells of an end of a thread or a descriptor
    }
  }

  private List<String> left() {
    List<String> left = new ArrayList<>();
    openNow()
        .forEach((what, detail) -> {
          if (!before.containsKey(what)) {
            left.add(what + detail);
          }
        });
    return left;
  }

  private static Map<String, String> openNow() {
    Map<String, String> all = new TreeMap<>();
    for (Path link : list("/proc/self/fd")) {
      // Not by the number alone: it may be another file by now.
      target(link).ifPresent(file -> all.put("descriptor " + link.getFileName() + " " + file, ""));
    }
    for (Path task : list("/proc/self/task")) {
      String name = read(task.resolve("comm")).strip();
      if (!isOfTheJvm(name)) {
        all.put("thread " + task.getFileName(), " (" + name + ")");
      }
      for (String child : read(task.resolve("children")).split(" ", -1)) {
        if (!child.isBlank()) {
          all.put("child " + child, " " + state(child));
        }
      }
    }
    return all;
  }

  /** Threads that come and go as the JVM sees fit. */
  private static boolean isOfTheJvm(String name) {
    return Stream.of("C1 Compiler", "C2 Compiler", "GC Thread", "G1 ", "ForkJoinPool", "Cleaner")
        .anyMatch(name::startsWith);
  }

  private static String state(String child) {
    String stat = read(Path.of("/proc/" + child + "/stat"));
    int name = stat.indexOf('(');
    int end = stat.lastIndexOf(')');
    return end < 0
        ? ""
        : stat.substring(name, end + 1) + (stat.startsWith(" Z", end + 1) ? " zombie" : "");
  }

  private static List<Path> list(String directory) {
    try (Stream<Path> entries = Files.list(Path.of(directory))) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty: the descriptor that the list was read by. */
  private static Optional<Path> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
