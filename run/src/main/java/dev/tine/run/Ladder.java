package dev.tine.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The steps by which a stuck worker is ended, each a little ruder than the one before. */
final class Ladder {
  private static final Duration EVIDENCE_LIMIT = Duration.ofSeconds(15);
  private static final Duration CORE_LIMIT = Duration.ofSeconds(60);

  private Ladder() {}

  /** What is done. */
  enum Step {
    /** What is known of it is written down. */
    EVIDENCE,
    /** SIGTERM: maybe it is only stopped, and can end in an orderly way. */
    TERMINATE,
    /** SIGABRT, which leaves a core dump where the system allows that. */
    ABORT,
    /** SIGKILL. */
    KILL
  }

  /**
   * A step, and for how long it may take: if the worker lives still, the next one follows.
   *
   * @param limit of the last one nothing follows
   */
  record Rung(Step step, Duration limit) {}

  /** All of them, in order. */
  static List<Rung> of(boolean cores, Duration stopTimeout) {
    List<Rung> rungs = new ArrayList<>();
    rungs.add(new Rung(Step.EVIDENCE, EVIDENCE_LIMIT));
    rungs.add(new Rung(Step.TERMINATE, stopTimeout));
    if (cores) {
      rungs.add(new Rung(Step.ABORT, CORE_LIMIT));
    }
    rungs.add(new Rung(Step.KILL, Duration.ZERO));
    return List.copyOf(rungs);
  }
}
