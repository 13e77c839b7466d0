package dev.tine.fork.internal;

import java.nio.charset.StandardCharsets;

/**
 * A line of {@code /proc/PID/maps}.
 *
 * @param begin the first address
 * @param end the address behind the last
 * @param permissions such as "rw-s"
 * @param device of the file, as stat(2) has it; 0: none
 * @param inode of the file; 0: none
 * @param path of the file, or the kernel's name of it; "": it has none
 */
record Mapping(long begin, long end, String permissions, long device, long inode, String path) {

  /** {@code "7f0b1c000000-7f0b1c021000 rw-s 00000000 fe:00 2056 /dev/shm/x"}, ISO 8859-1. */
  static Mapping parse(String line) {
    String[] words = line.split(" +", 6);
    int dash = words[0].indexOf('-');
    int colon = words[3].indexOf(':');
    return new Mapping(
        Long.parseUnsignedLong(words[0], 0, dash, 16),
        Long.parseUnsignedLong(words[0], dash + 1, words[0].length(), 16),
        words[1],
        device(
            Integer.parseInt(words[3], 0, colon, 16),
            Integer.parseInt(words[3], colon + 1, words[3].length(), 16)),
        Long.parseLong(words[4]),
        words.length > 5
            ? new String(words[5].getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
            : "");
  }

  boolean isSharedAndWritable() {
    return permissions.charAt(1) == 'w' && permissions.charAt(3) == 's';
  }

  /** makedev(3). */
  private static long device(long major, long minor) {
    return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
  }
}
