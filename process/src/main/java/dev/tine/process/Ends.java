package dev.tine.process;

import dev.tine.sys.ChildCall.Wait;
import dev.tine.sys.Errno;
import java.time.Duration;

/** Makes an {@link ExitStatus} of what the kernel tells. */
final class Ends {
  private Ends() {}

  static ExitStatus of(Wait.Ended ended, Duration wallTime) {
    Usage usage =
        new Usage(
            micros(ended.userMicros()),
            micros(ended.systemMicros()),
            ended.minorFaults(),
            ended.majorFaults(),
            ended.voluntarySwitches(),
            ended.involuntarySwitches());
    return ended.signaled()
        ? new ExitStatus.Signaled(new Signal(ended.value()), ended.coreDumped(), usage, wallTime)
        : new ExitStatus.Exited(ended.value(), usage, wallTime);
  }

  static ExitStatus of(Wait.Failed failed, Duration wallTime) {
    String reason =
        failed.errno() == Errno.ECHILD
            ? "its status was taken by other code of this process that waits for all children, or"
                + " discarded because SIGCHLD is ignored"
            : "waitid: " + Errno.text(failed.errno());
    return new ExitStatus.Unknown(reason, wallTime);
  }

  private static Duration micros(long value) {
    return Duration.ofNanos(value * 1000);
  }
}
