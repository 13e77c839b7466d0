package dev.tine.benchmarks.server;

import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Requests per second of a new process, in each half of a second since its first.
 *
 * @param points samples for each half of a second, one a process
 */
public record Curve(Map<Kind, List<Samples>> points) {
  private static final Duration STEP = Duration.ofMillis(500);
  private static final int STEPS_PER_SECOND = 2;
  private static final int CONNECTIONS = 4;

  /** Where the process is from. */
  public enum Kind {
    /** A worker forked from a mold that was warmed. */
    FORKED_WARM,
    /** A worker forked from a mold that had answered a handful of requests. */
    FORKED_COLD,
    /** A worker forked, by {@code tine refork}, from a worker of a cold mold that had served. */
    REFORKED,
    /** A JVM that has just answered for the first time. */
    NEW_JVM
  }

  /** Measures so many processes of each kind, by turns. */
  public static Curve measure(Program program, int rounds, OptionalInt warmUp, Duration span)
      throws IOException {
    var curve = new Curve(new EnumMap<>(Kind.class));
    try (Running warm = program.underTine(1, warmUp);
        Running cold = program.underTine(1, OptionalInt.of(Requests.PATHS.size()));
        Running reforked = reforked(program, span)) {
      for (int round = 0; round < rounds; round++) {
        List<Kind> order = List.of(Kind.values());
        for (Kind kind : round % 2 == 0 ? order : order.reversed()) {
          switch (kind) {
            case FORKED_WARM -> curve.add(kind, forked(warm, round), span);
            case FORKED_COLD -> curve.add(kind, forked(cold, round), span);
            case REFORKED -> curve.add(kind, forked(reforked, round), span);
            case NEW_JVM -> {
              try (Running plain = program.booted()) {
                curve.add(kind, plain.port(), span);
              }
            }
          }
        }
      }
    }
    return curve;
  }

  /** Served for a time by a worker that becomes the mold of the next. */
  private static Running reforked(Program program, Duration served) throws IOException {
    Running running = program.underTine(1, OptionalInt.of(Requests.PATHS.size()));
    try {
      new Requests(List.of(running.port()), CONNECTIONS).during(served);
      if (!running.change(List.of("refork"))) {
        throw new IOException("it could not be reforked");
      }
      running.successor(); // serves while its predecessor becomes a mold
      running.successor(); // is made of that
      return running;
    } catch (IOException | RuntimeException e) {
      running.close();
      throw e;
    }
  }

  /** Port of a worker that has served nobody. */
  private static int forked(Running tine, int round) {
    if (round > 0) {
      ProcessHandle.of(tine.worker()).orElseThrow().destroyForcibly();
      tine.successor();
    }
    return tine.port();
  }

  private void add(Kind kind, int port, Duration span) throws IOException {
    long[] counts = new Requests(List.of(port), CONNECTIONS).perStep(span, STEP);
    List<Samples> of = points.computeIfAbsent(kind, it -> new ArrayList<>());
    for (int i = 0; i < counts.length; i++) {
      if (of.size() == i) {
        of.add(new Samples());
      }
      of.get(i).add(counts[i] * STEPS_PER_SECOND);
    }
  }

  /** The points of one kind. */
  public List<Samples> of(Kind kind) {
    return points.getOrDefault(kind, List.of());
  }

  /** Medians, of one second after the other. */
  public List<Long> seconds(Kind kind) {
    List<Samples> of = of(kind);
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i + 1 < of.size(); i += STEPS_PER_SECOND) {
      seconds.add((of.get(i).median() + of.get(i + 1).median()) / STEPS_PER_SECOND);
    }
    return seconds;
  }

  /** When a point's half of a second ends, since the first request. */
  public static double endSeconds(int index) {
    return (index + 1) / (double) STEPS_PER_SECOND;
  }
}
