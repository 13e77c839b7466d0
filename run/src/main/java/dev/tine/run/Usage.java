package dev.tine.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process uses, as the kernel counts it.
 *
 * @param state as ps shows it; "?": it has ended
 * @param rssBytes resident memory
 * @param pssBytes the same, with shared pages divided among those that share them; 0: not allowed
 * @param ussBytes what is this process's alone; 0: not allowed
 */
public record Usage(String state, Duration cpu, long rssBytes, long pssBytes, long ussBytes) {
  /** USER_HZ, which is 100 on every Linux. */
  private static final long TICK_MILLIS = 10;

  /** Of a process that has ended. */
  public static final Usage NONE = new Usage("?", Duration.ZERO, 0, 0, 0);

  /** Of a process of this user's. */
  public static Usage of(int pid) {
    String stat = read(pid, "stat");
    int end = stat.lastIndexOf(')'); // a name may contain anything
    if (end < 0) {
      return NONE;
    }
    String[] fields = stat.substring(end + 2).split(" ", -1);
    long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    String rollup = read(pid, "smaps_rollup");
    return new Usage(
        fields[0],
        Duration.ofMillis(ticks * TICK_MILLIS),
        kilobytes(rollup, "Rss:") * 1024,
        kilobytes(rollup, "Pss:") * 1024,
        (kilobytes(rollup, "Private_Clean:") + kilobytes(rollup, "Private_Dirty:")) * 1024);
  }

  private static long kilobytes(String text, String field) {
    return text.lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }

  private static String read(int pid, String name) {
    try {
      return new String(
          Files.readAllBytes(Path.of("/proc/" + pid + "/" + name)), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
