package dev.tine.benchmarks;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What measurements were made on. */
final class Machine {
  private static final long KB_PER_GB = 1 << 20;

  private Machine() {}

  /** One line. */
  static String described() throws IOException {
    return "Linux %s, %d x %s, %d GB, JDK %s (%s), transparent huge pages: %s"
        .formatted(
            System.getProperty("os.version"),
            Runtime.getRuntime().availableProcessors(),
            processor(),
            kilobytes("MemTotal:") / KB_PER_GB,
            Runtime.version(),
            System.getProperty("java.vendor.version"),
            hugePages());
  }

  /** The same for programs: names, and texts or numbers. */
  static Map<String, Object> facts() throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("described", described());
    facts.put("kernel", System.getProperty("os.version"));
    facts.put("processor", processor());
    facts.put("processors", BigDecimal.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put("memory_gb", BigDecimal.valueOf(kilobytes("MemTotal:") / KB_PER_GB));
    facts.put("jdk", Runtime.version().toString());
    facts.put("huge_pages", hugePages());
    facts.put("load_before", new BigDecimal(load()));
    return facts;
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("?");
  }

  private static String hugePages() throws IOException {
    return Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")).strip();
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
