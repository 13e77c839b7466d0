package dev.tine.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What measurements were made on. */
final class Machine {
  private static final long KB_PER_GB = 1 << 20;

  private Machine() {}

  /** One line. */
  static String described() throws IOException {
    String processor =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("?");
    return "Linux %s, %d x %s, %d GB, JDK %s (%s), transparent huge pages: %s"
        .formatted(
            System.getProperty("os.version"),
            Runtime.getRuntime().availableProcessors(),
            processor,
            kilobytes("MemTotal:") / KB_PER_GB,
            Runtime.version(),
            System.getProperty("java.vendor.version"),
            Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")).strip());
  }

  /** How busy it was with other things. */
  static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
  }

  /** Memory that processes can have without taking it from others. */
  static long availableMegabytes() throws IOException {
    return kilobytes("MemAvailable:") / 1024;
  }

  private static long kilobytes(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
