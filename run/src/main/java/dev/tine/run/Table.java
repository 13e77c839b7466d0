package dev.tine.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** A {@link Status} for people, on 80 columns. */
public final class Table {
  private static final String ROW = "%-9s %3s %7s %4s %5s %8s %8s %8s %8s %8s";

  private Table() {}

  /** Several lines. */
  public static String of(Status status) {
    var text = new StringBuilder();
    text.append(
        "%s  %d workers  %s%n"
            .formatted(
                status.name(),
                status.processes().stream().filter(one -> one.role().equals("worker")).count(),
                status.addresses().isEmpty()
                    ? "listening nowhere yet"
                    : "listening at " + String.join(" ", status.addresses())));
    text.append(
        ROW.formatted(
            "ROLE", "ID", "PID", "GEN", "STATE", "UPTIME", "RESTARTS", "CPU", "RSS", "PSS"));
    for (Status.Member process : status.processes()) {
      Usage usage = Usage.of(process.pid());
      text.append('\n')
          .append(
              ROW.formatted(
                  process.role(),
                  process.id() < 0 ? "-" : Integer.toString(process.id()),
                  process.pid(),
                  process.generation() == 0 ? "-" : Integer.toString(process.generation()),
                  usage.state(),
                  duration(Duration.between(process.since(), Instant.now())),
                  process.id() < 0 ? "-" : Integer.toString(process.restarts()),
                  "%.1fs".formatted(usage.cpu().toMillis() / 1e3),
                  megabytes(usage.rssBytes()),
                  megabytes(usage.pssBytes())));
    }
    return text.toString();
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1fM", bytes / 1048576.0);
  }

  private static String duration(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    return seconds < 100
        ? seconds + "s"
        : seconds < 6000
            ? seconds / 60 + "m"
            : seconds < 360_000 ? seconds / 3600 + "h" : seconds / 86400 + "d";
  }
}
