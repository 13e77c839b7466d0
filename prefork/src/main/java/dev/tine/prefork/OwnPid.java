package dev.tine.prefork;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The pid of the process that asks, which a forked JVM may not know: the kernel does. */
final class OwnPid {
  private OwnPid() {}

  static long read() {
    try {
      return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/self")).toString());
    } catch (IOException e) {
      throw new UncheckedIOException("/proc/self cannot be read: is /proc mounted?", e);
    }
  }
}
