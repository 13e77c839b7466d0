package dev.tine.run;

import java.util.List;

/** What a service manager says to the process it has started, and to no other. */
final class ServiceEnvironment {
  private static final List<String> NAMES =
      List.of(
          "LISTEN_PID",
          "LISTEN_FDS",
          "LISTEN_FDNAMES",
          "NOTIFY_SOCKET",
          "WATCHDOG_PID",
          "WATCHDOG_USEC");

  private ServiceEnvironment() {}

  /**
   * Whether an entry of the environment is the monitor's alone.
   *
   * @param entry {@code NAME=value}
   */
  static boolean isOwn(String entry) {
    return NAMES.stream().anyMatch(name -> entry.startsWith(name + "="));
  }
}
