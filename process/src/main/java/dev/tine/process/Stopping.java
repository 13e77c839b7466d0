package dev.tine.process;

import java.util.Iterator;
import java.util.Optional;

/** An {@link Escalation} under way. */
final class Stopping {
  private final Subprocess subprocess;
  private final EventLoop loop;
  private final Iterator<Escalation.Step> steps;
  private Optional<Timers.Timer> next = Optional.empty();
  private boolean ended;

  Stopping(Subprocess subprocess, EventLoop loop, Escalation escalation) {
    this.subprocess = subprocess;
    this.loop = loop;
    this.steps = escalation.steps().iterator();
  }

  synchronized void begin() {
    if (ended || !steps.hasNext()) {
      return;
    }
    Escalation.Step step = steps.next();
    Runnable send =
        () -> {
          if (subprocess.hasOwnGroup()) {
            subprocess.signalGroup(step.signal());
          } else {
            subprocess.signal(step.signal());
          }
          begin();
        };
    if (step.after().isZero()) {
      send.run();
    } else {
      next = Optional.of(loop.schedule(step.after(), send));
    }
  }

  /** The subprocess has ended. */
  synchronized void end() {
    ended = true;
    next.ifPresent(Timers.Timer::cancel);
  }
}
