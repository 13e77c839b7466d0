package dev.tine.fork.internal.audit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code /proc/PID/maps}.
 *
 * @param permissions such as "rw-s"
 * @param path what is mapped, escaped as the kernel does it; "" for anonymous memory
 */
record MappedRange(long from, long to, String permissions, String path) {
  private static final Pattern LINE =
      Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) (\\S{4}) \\S+ \\S+ \\d+ *(.*)");

  static Optional<MappedRange> parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new MappedRange(
            Long.parseUnsignedLong(matcher.group(1), 16),
            Long.parseUnsignedLong(matcher.group(2), 16),
            matcher.group(3),
            matcher.group(4)));
  }

  long bytes() {
    return to - from;
  }

  boolean isShared() {
    return permissions.charAt(3) == 's';
  }

  boolean isWritable() {
    return permissions.charAt(1) == 'w';
  }
}
