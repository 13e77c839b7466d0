package dev.tine.benchmarks.subprocess;

import dev.tine.benchmarks.Report;
import dev.tine.benchmarks.Samples;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured: a number for each peer under each heading. */
public final class Results {
  private final Map<String, Map<Peer.Kind, Double>> columns = new LinkedHashMap<>();

  /** Of the columns that are rates: nanoseconds a unit, one of each turn. */
  private final Map<String, Map<Peer.Kind, Samples>> spreads = new HashMap<>();

  /** Measures peers by turns, and keeps how much each does in a second. */
  public void rates(String heading, List<Peer> peers, int rounds, Slice slice) {
    Map<Peer.Kind, Samples> nanos = new EnumMap<>(Peer.Kind.class);
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < peers.size(); i++) {
        // By turns also in who is first, so that nobody gains from what others leave behind.
        Peer peer = peers.get((i + round) % peers.size());
        double units = slice.units(peer.kind());
        double took = peer.measure(slice.line(peer.kind()))[0];
        nanos.computeIfAbsent(peer.kind(), kind -> new Samples()).add(Math.round(took / units));
      }
    }
    spreads.put(heading, nanos);
    // The lower quartile: what else the machine does only ever adds.
    nanos.forEach((kind, samples) -> set(heading, kind, 1e9 / samples.percentile(25)));
  }

  /** What is done at a time. */
  public interface Slice {
    String line(Peer.Kind kind);

    double units(Peer.Kind kind);
  }

  public void set(String heading, Peer.Kind kind, double value) {
    columns.computeIfAbsent(heading, name -> new EnumMap<>(Peer.Kind.class)).put(kind, value);
  }

  public OptionalDouble get(String heading, Peer.Kind kind) {
    Double value = columns.getOrDefault(heading, Map.of()).get(kind);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** A line for each peer, a column for each heading. */
  public String table() {
    StringBuilder table = new StringBuilder("%-20s".formatted(""));
    columns.keySet().forEach(heading -> table.append(" %13s".formatted(heading)));
    for (Peer.Kind kind : Peer.Kind.values()) {
      if (columns.values().stream().noneMatch(column -> column.containsKey(kind))) {
        continue;
      }
      table.append("%n%-20s".formatted(kind));
      for (String heading : columns.keySet()) {
        OptionalDouble value = get(heading, kind);
        table.append(
            value.isEmpty()
                ? " %13s".formatted("-")
                : String.format(
                    Locale.ROOT,
                    value.getAsDouble() < 10 ? " %13.2f" : " %13.0f",
                    value.getAsDouble()));
      }
    }
    return table.toString();
  }

  /** A row for each number, with the spread of those that were measured in turns. */
  public void addTo(Report report) {
    columns.forEach((heading, column) ->
        column.forEach((kind, value) -> {
          report
              .row("subprocess")
              .with("what", heading)
              .with("peer", kind.toString())
              .with("value", value);
          Samples turns = spreads.getOrDefault(heading, Map.of()).get(kind);
          if (turns != null) {
            report
                .with("turns", turns.count())
                .with("median", 1e9 / turns.median())
                .with("p10", 1e9 / turns.percentile(90))
                .with("p90", 1e9 / turns.percentile(10));
          }
        }));
  }
}
