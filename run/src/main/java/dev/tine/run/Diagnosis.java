package dev.tine.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Why a program does not show itself, by what the kernel knows of it. */
final class Diagnosis {
  private Diagnosis() {}

  static String notListening(Program program, Duration after) {
    return "it did not listen at any port within %d s: %s"
        .formatted(after.toSeconds(), reason(program));
  }

  private static String reason(Program program) {
    if (program.isJvm()) {
      return "it boots still, or has no server; --ready-timeout gives it more time";
    }
    if (program.stranger().isPresent()) {
      return Program.wrapped(program.stranger().get());
    }
    return ofMaps(read(Path.of("/proc/" + program.pid() + "/maps")));
  }

  /**
   * @param maps of /proc/PID/maps; empty: it has ended, or may not be read
   */
  static String ofMaps(String maps) {
    boolean hasLibrary = maps.contains("/libtine.so");
    if (maps.contains("/libjvm.so")) {
      return hasLibrary
          ? "its JVM does not speak to the monitor: descriptors 3 and 4 were closed on the way to"
              + " it"
          : "its JVM has taken LD_PRELOAD out of its environment; start it without that";
    }
    if (maps.isEmpty()) {
      return "it cannot be looked at: it runs as another user, or has ended";
    }
    return hasLibrary
        ? "it is no JVM, and has not become one"
        : "it is a static program, or one that runs with other privileges: nothing can be preloaded"
            + " into it";
  }

  private static String read(Path path) {
    try {
      return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
