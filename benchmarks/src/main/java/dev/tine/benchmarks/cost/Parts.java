package dev.tine.benchmarks.cost;

import dev.tine.benchmarks.Samples;
import dev.tine.sys.ForkCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** How the time of a fork, until the child's Java code runs, divides among its steps. */
public final class Parts {
  /** The steps; the last is what no other explains: Java, and the way to the leader. */
  public static final List<String> NAMES =
      List.of("park", "survey", "clone", "descr.", "threads", "resume", "rest");

  private final Samples total = new Samples();
  private final List<Samples> parts = new ArrayList<>();

  public Parts() {
    for (int i = 0; i < NAMES.size(); i++) {
      parts.add(new Samples());
    }
  }

  /** What a child says of the fork that made it; both times are {@code System.nanoTime()}. */
  static String line(long beginNanos, long ranNanos, ForkCall.Timing timing) {
    return LongStream.of(
            ranNanos - beginNanos,
            timing.parkNanos(),
            timing.surveyNanos(),
            timing.cloneNanos(),
            timing.descriptorsNanos(),
            timing.threadsNanos(),
            timing.resumeNanos())
        .mapToObj(Long::toString)
        .collect(Collectors.joining(" "));
  }

  /** Adds what a child said. */
  public void add(String line) {
    long[] nanos = Stream.of(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    total.add(nanos[0]);
    long rest = nanos[0];
    for (int i = 1; i < nanos.length; i++) {
      parts.get(i - 1).add(nanos[i]);
      rest -= nanos[i];
    }
    parts.getLast().add(rest);
  }

  public Samples total() {
    return total;
  }

  /** The median of one of {@link #NAMES}. */
  public long medianNanos(String name) {
    return parts.get(NAMES.indexOf(name)).median();
  }

  /** The median of each step, in milliseconds. */
  public String medians() {
    return parts.stream()
        .map(part -> String.format(Locale.ROOT, "%8.2f", part.median() / 1e6))
        .collect(Collectors.joining());
  }
}
