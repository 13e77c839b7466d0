package dev.tine.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the threads of a process have used until a moment.
 *
 * @param state of the process, as ps shows it; '?': it has ended
 * @param isDumpingCore the kernel writes a core dump of it
 */
record ProcessSample(
    long atNanos, char state, boolean isDumpingCore, Map<Integer, ThreadUse> threads) {
  private static final long TICK_MILLIS = 10; // USER_HZ is 100 on every Linux

  /** Threads of HotSpot that collect: the VM thread does it itself, or waits for the others. */
  private static final Pattern COLLECTOR =
      Pattern.compile("VM Thread|.*GC Thr.*|G1 .*|ParGC.*|Shenandoah.*");

  /** Its other threads, which may be busy with reason. */
  private static final Pattern COMPILER = Pattern.compile("C[12] CompilerThre.*|JVMCI.*|Sweeper.*");

  /**
   * One thread.
   *
   * @param name cut to 15 characters
   * @param waited for a processor, ready to run
   */
  record ThreadUse(int tid, String name, char state, Duration cpu, Duration waited) {
    boolean isCollector() {
      return COLLECTOR.matcher(name).matches();
    }

    boolean isCompiler() {
      return COMPILER.matcher(name).matches();
    }

    boolean isProgram() {
      return !isCollector() && !isCompiler();
    }
  }

  /**
   * What was used between two samples: 1 is one processor, all the time.
   *
   * @param busiest the thread of the program that has run, or waited for a processor, for most of
   *     the time; empty: none has
   */
  record Shares(double all, double collector, Optional<Busiest> busiest) {
    static final Shares NONE = new Shares(0, 0, Optional.empty());
  }

  /** The thread that has used most, or was ready to. */
  record Busiest(String name, double share) {}

  /** Copies the map. */
  ProcessSample {
    threads = Map.copyOf(threads);
  }

  /** Of a process of this user's, now. */
  static ProcessSample of(int pid) {
    Path directory = Path.of("/proc/" + pid);
    Map<Integer, ThreadUse> threads = new LinkedHashMap<>();
    for (Path task : list(directory.resolve("task"))) {
      thread(read(task.resolve("stat")), read(task.resolve("schedstat")))
          .ifPresent(use -> threads.put(use.tid(), use));
    }
    char state = thread(read(directory.resolve("stat")), "").map(ThreadUse::state).orElse('?');
    boolean isDumpingCore = read(directory.resolve("status")).contains("CoreDumping:\t1");
    return new ProcessSample(System.nanoTime(), state, isDumpingCore, threads);
  }

  /**
   * Reads files of /proc/PID/task/TID; empty: there is no such thread.
   *
   * @param schedstat may be missing
   */
  static Optional<ThreadUse> thread(String stat, String schedstat) {
    int begin = stat.indexOf('(');
    int end = stat.lastIndexOf(')'); // a name may contain anything
    if (begin < 1 || end < begin) {
      return Optional.empty();
    }
    String[] fields = stat.substring(end + 1).strip().split(" ", -1);
    if (fields.length < 13) {
      return Optional.empty();
    }
    long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    return Optional.of(
        new ThreadUse(
            Integer.parseInt(stat.substring(0, begin).strip()),
            stat.substring(begin + 1, end),
            fields[0].charAt(0),
            Duration.ofMillis(ticks * TICK_MILLIS),
            waited(schedstat)));
  }

  /** Whether its collector would work if it had a processor, or its pages. */
  boolean isCollectorWaiting() {
    return threads.values().stream()
        .anyMatch(
            thread -> thread.isCollector() && (thread.state() == 'R' || thread.state() == 'D'));
  }

  private static Duration waited(String schedstat) {
    String[] fields = schedstat.strip().split(" ", -1);
    return fields.length < 2 ? Duration.ZERO : Duration.ofNanos(Long.parseLong(fields[1]));
  }

  /** What was used since an earlier sample of the same process. */
  Shares since(ProcessSample before) {
    double nanos = atNanos - before.atNanos;
    if (nanos <= 0) {
      return Shares.NONE;
    }
    double all = 0;
    double collector = 0;
    for (ThreadUse thread : threads.values()) {
      double used = used(thread, before).toNanos() / nanos;
      all += used;
      collector += thread.isCollector() ? used : 0;
    }
    Optional<Busiest> busiest =
        threads.values().stream()
            .filter(ThreadUse::isProgram)
            .map(thread -> new Busiest(thread.name(), wanted(thread, before).toNanos() / nanos))
            .max(Comparator.comparingDouble(Busiest::share))
            .filter(one -> one.share() > 0);
    return new Shares(all, collector, busiest);
  }

  /** What its compilers have used since an earlier sample; 1 is one processor, all the time. */
  double compilersSince(ProcessSample before) {
    double nanos = atNanos - before.atNanos;
    return threads.values().stream()
        .filter(ThreadUse::isCompiler)
        .mapToDouble(thread -> used(thread, before).toNanos() / nanos)
        .sum();
  }

  /** What a thread has used since an earlier sample, in which it may not have been. */
  static Duration used(ThreadUse thread, ProcessSample before) {
    ThreadUse then = before.threads.get(thread.tid());
    return then == null ? thread.cpu() : thread.cpu().minus(then.cpu());
  }

  /** The same, with the time in which it would have used more. */
  private static Duration wanted(ThreadUse thread, ProcessSample before) {
    ThreadUse then = before.threads.get(thread.tid());
    Duration waited = then == null ? thread.waited() : thread.waited().minus(then.waited());
    return used(thread, before).plus(waited);
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // it has ended
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
