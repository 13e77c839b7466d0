package dev.tine.fork.internal.audit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code /proc/PID/maps}.
 *
 * @param from the first address
 * @param to the address behind the last
 * @param permissions such as "rw-s"
 * @param device of the file, as stat(2) has it; 0: none
 * @param inode of the file; 0: none
 * @param path what is mapped, escaped as the kernel does it; "" for anonymous memory
 */
public record MappedRange(
    long from, long to, String permissions, long device, long inode, String path) {
  /** "7f0b1c000000-7f0b1c021000 rw-s 00000000 fe:00 2056 /dev/shm/x". */
  private static final Pattern LINE =
      Pattern.compile(
          "(\\p{XDigit}+)-(\\p{XDigit}+) (\\S{4}) \\S+ (\\p{XDigit}+):(\\p{XDigit}+) (\\d+) *(.*)");

  /** Empty if it is no such line. */
  public static Optional<MappedRange> parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new MappedRange(
            Long.parseUnsignedLong(matcher.group(1), 16),
            Long.parseUnsignedLong(matcher.group(2), 16),
            matcher.group(3),
            device(Long.parseLong(matcher.group(4), 16), Long.parseLong(matcher.group(5), 16)),
            Long.parseLong(matcher.group(6)),
            matcher.group(7)));
  }

  long bytes() {
    return to - from;
  }

  /** Whether the processes that have it see what the others write. */
  public boolean isShared() {
    return permissions.charAt(3) == 's';
  }

  /** Whether this process may write to it. */
  public boolean isWritable() {
    return permissions.charAt(1) == 'w';
  }

  /** makedev(3). */
  private static long device(long major, long minor) {
    return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
  }
}
