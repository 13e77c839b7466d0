package dev.tine.run;

import dev.tine.fork.ExitStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The events of a fleet, in the words of the log. */
record FleetLog(Events events) {
  /** It is there, or changes what it does: the event's name says which. */
  void worker(String event, Worker worker) {
    events.tell(worker.event(event));
  }

  void exit(Worker worker, ExitStatus status) {
    events.tell(
        worker.event("worker-exit").with("age", worker.child().age()).with("status", status));
  }

  void forkFailed(int id, Forker.Forked.Failed failed, Duration retry) {
    events.tell(
        Event.of("fork-failed")
            .with("id", id)
            .with("stage", failed.stage())
            .with("retry", retry)
            .with("reason", failed.reason()));
  }

  /** Its successor is made later. */
  void backoff(Worker worker, Duration age, Duration delay) {
    List<String> lines = new ArrayList<>(worker.tail());
    lines.addFirst(lines.isEmpty() ? "it has written nothing" : "its last output:");
    events.tell(
        Event.of("worker-backoff")
            .with("id", worker.id())
            .with("age", age)
            .with("delay", delay)
            .details(lines));
  }

  /** It has no successor. */
  void givenUp(int id, Restarts.Reason why, String action, int serving) {
    events.tell(
        Event.of("worker-given-up")
            .with("id", id)
            .with("action", action)
            .with("rule", why.rule())
            .with("serving", serving)
            .with("reason", why.text()));
  }

  void scale(int from, int to) {
    events.tell(Event.of("scale").with("from", from).with("to", to));
  }

  void scaleFailed(int from, int to, String reason) {
    events.tell(Event.of("scale-failed").with("from", from).with("to", to).with("reason", reason));
  }
}
