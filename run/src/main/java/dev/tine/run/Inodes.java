package dev.tine.run;

import dev.tine.sys.OrderCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Files by device and inode, as a mold knows what a worker is to have instead. */
final class Inodes {
  private static final String SOCKET = "socket:[";

  private Inodes() {}

  /**
   * A descriptor that takes the place of a file of this process's.
   *
   * @param fd the file
   */
  static OrderCall.Passed of(int descriptor, int fd) {
    Path file = Path.of("/proc/self/fd/" + fd);
    try {
      return new OrderCall.Passed(
          descriptor,
          (long) Files.getAttribute(file, "unix:dev"),
          (long) Files.getAttribute(file, "unix:ino"));
    } catch (IOException e) {
      throw new UncheckedIOException("fstat of descriptor " + fd, e);
    }
  }

  /** The inodes of all sockets that a process has open; empty if it has ended. */
  static Set<Long> socketsOf(int pid) {
    Set<Long> inodes = new HashSet<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path fd : fds) {
        String target = target(fd);
        if (target.startsWith(SOCKET)) {
          inodes.add(Long.parseLong(target.substring(SOCKET.length(), target.length() - 1)));
        }
      }
    } catch (IOException e) {
      // It has ended, which is told elsewhere.
    }
    return inodes;
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }
}
