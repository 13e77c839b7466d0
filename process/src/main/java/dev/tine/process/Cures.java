package dev.tine.process;

import dev.tine.sys.Errno;

/** What helps against an error of the kernel, where something does. */
final class Cures {
  private Cures() {}

  /** Text to put behind the error's. */
  static String of(int errno) {
    return switch (errno) {
      case Errno.EMFILE ->
          " (this process has as many descriptors as it may: raise its limit, ulimit -n, or close"
              + " streams of subprocesses that are not used any more)";
      case Errno.ENFILE -> " (the machine has as many open files as it may: sysctl fs.file-max)";
      case Errno.EAGAIN ->
          " (too many processes: the user's limit, ulimit -u, or the control group's pids.max)";
      case Errno.E2BIG ->
          " (arguments and environment together are longer than Linux takes: a quarter of the"
              + " stack's limit, ulimit -s; pass them through stdin or a file)";
      default -> "";
    };
  }
}
