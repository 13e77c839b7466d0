package dev.tine.benchmarks.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What processes have in memory, in megabytes.
 *
 * @param rss pages that are mapped, those shared counted in each
 * @param pss the same, those shared divided among their users
 */
public record Memory(double rss, double pss) {
  /** The sum over processes. */
  public static Memory of(List<Long> pids) throws IOException {
    double rss = 0;
    double pss = 0;
    for (long pid : pids) {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
        if (line.startsWith("Rss:")) {
          rss += megabytes(line);
        } else if (line.startsWith("Pss:")) {
          pss += megabytes(line);
        }
      }
    }
    return new Memory(rss, pss);
  }

  private static double megabytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
  }
}
