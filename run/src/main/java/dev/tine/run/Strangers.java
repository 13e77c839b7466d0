package dev.tine.run;

import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.util.Set;

/** Children that this process has not made: orphans that became its own because it is process 1. */
final class Strangers {
  private Strangers() {}

  /**
   * Reaps those that have ended.
   *
   * @param known pids that are waited for elsewhere
   */
  static void reap(Set<Integer> known) {
    for (int pid = Pidfd.endedChild(); pid > 0 && !known.contains(pid); pid = Pidfd.endedChild()) {
      int pidfd = Pidfd.open(pid);
      try {
        var ignored = Pidfd.reap(pidfd);
      } catch (SystemCallException e) {
        return; // somebody else has
      } finally {
        Pidfd.close(pidfd);
      }
    }
  }
}
