package dev.tine.run;

import dev.tine.sys.Pidfd;

/**
 * Children that nobody waits for: one whose maker ended before it could tell of it, and, where this
 * process is the first of a container, every orphan.
 */
final class Strangers {
  private Strangers() {}

  /** Reaps those that have ended. Not while a process is being made that is not known yet. */
  static void reap() {
    int reaped = 0;
    while (reaped == 0) {
      int pid = Pidfd.endedChild();
      if (pid == 0 || Child.isAwaited(pid)) {
        return;
      }
      reaped = Pidfd.discard(pid); // by its pid: there may be no descriptor for a pidfd
    }
  }
}
