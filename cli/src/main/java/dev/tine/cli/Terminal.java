package dev.tine.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person watches. */
final class Terminal {
  private Terminal() {}

  /** Standard error is a terminal, and one that can rewrite a line. */
  static boolean isErrorShownToPerson() {
    return isShown(2);
  }

  /** Standard output is. */
  static boolean isOutputShownToPerson() {
    return isShown(1);
  }

  private static boolean isShown(int fd) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
      return (target.startsWith("/dev/pts") || target.toString().startsWith("/dev/tty"))
          && !"dumb".equals(System.getenv("TERM"));
    } catch (IOException e) {
      return false;
    }
  }
}
