package dev.tine.fork.internal.audit;

import java.util.List;

/** Lines "key:\tvalue" of {@code /proc/PID/status}. */
final class StatusLines {
  private StatusLines() {}

  /** The value of a key; "": there is none. */
  static String value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.substring(key.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  /** A set of signals; bit n - 1: signal n is in it. */
  static long mask(List<String> lines, String key) {
    String value = value(lines, key);
    return value.isEmpty() ? 0 : Long.parseUnsignedLong(value, 16);
  }
}
