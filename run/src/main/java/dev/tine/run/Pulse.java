package dev.tine.run;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a worker is alive, by its answers and by what the kernel knows of it. Pure: times and
 * samples are handed in.
 *
 * <p>Only a worker that answers nothing for the whole timeout is stuck, or one with a request
 * beyond the deadline that the program has given it. One that answers may have a deadlock, be busy
 * with nothing but its garbage, or have a thread that computes all the time: that is reported, once
 * each.
 */
final class Pulse {
  /** A long collection ends; a worker whose collector works is given this much more time. */
  private static final int COLLECTING = 5;

  private final LivenessOptions options;
  private Duration silence = Duration.ZERO;
  private boolean isAsked;
  private boolean isOutOfMemory;
  private ProcessSample.Shares shares = ProcessSample.Shares.NONE;
  private Duration busy = Duration.ZERO;
  private Optional<BeatAnswer.Deadlock> deadlock = Optional.empty();
  private int deadlockLooks;
  private Optional<BeatAnswer.Overdue> overdue = Optional.empty();
  private Optional<Duration> collectionBefore = Optional.empty();
  private Duration collectionWindow = Duration.ZERO;
  private boolean isBusyTold;
  private boolean isSpiralTold;

  Pulse(LivenessOptions options) {
    this.options = options;
  }

  /** What is to be done. */
  sealed interface Verdict {
    /** Nothing. */
    record Fine() implements Verdict {}

    /** Say that something is wrong with it. */
    record Report(StuckKind kind) implements Verdict {}

    /** Say it, and end the worker. */
    record Replace(StuckKind kind) implements Verdict {}
  }

  private static final Verdict FINE = new Verdict.Fine();

  /** A question was sent. */
  void onAsked() {
    isAsked = true;
  }

  /** Whether an answer is missing, before which it is asked nothing more. */
  boolean isAsked() {
    return isAsked;
  }

  /** For how long it has not answered, or only that it has no memory. */
  Duration silence() {
    return silence;
  }

  /** What is known of its threads. */
  ProcessSample.Shares shares() {
    return shares;
  }

  /** The deadlock that it has told of. */
  Optional<BeatAnswer.Deadlock> deadlock() {
    return deadlock;
  }

  /** The request beyond its deadline that it has told of last. */
  Optional<BeatAnswer.Overdue> overdue() {
    return overdue;
  }

  /**
   * It has answered.
   *
   * @param since the answer before
   * @param looked whether it was to look for deadlocks
   */
  Verdict onAnswer(BeatAnswer answer, Duration since, boolean looked) {
    isAsked = false;
    isOutOfMemory = answer.isOutOfMemory();
    if (isOutOfMemory) {
      return FINE; // the silence goes on
    }
    silence = Duration.ZERO;
    overdue = answer.overdue();
    if (overdue.isPresent()) {
      return new Verdict.Replace(StuckKind.OVERDUE); // the program itself has asked for it
    }
    Verdict spiral = onCollection(answer.collection(), since);
    return looked && onDeadlock(answer.deadlock())
        ? verdict(options.onDeadlock(), StuckKind.DEADLOCKED)
        : spiral;
  }

  /**
   * Whether there is news of a deadlock. A lock may be waited for with a time limit, which looks
   * the same: so it must be there twice in a row.
   */
  private boolean onDeadlock(Optional<BeatAnswer.Deadlock> found) {
    deadlock = found;
    deadlockLooks = found.isPresent() ? deadlockLooks + 1 : 0;
    return deadlockLooks == 2;
  }

  /** Over all the time in which most was spent on collecting, as long as that is so. */
  private Verdict onCollection(Optional<Duration> collection, Duration since) {
    if (collection.isEmpty()) {
      return FINE;
    }
    Duration window = collectionWindow.plus(since);
    if (collectionBefore.isEmpty()
        || !StuckKind.isSpiral(ratio(collection.get().minus(collectionBefore.get()), window))) {
      collectionBefore = collection;
      collectionWindow = Duration.ZERO;
      isSpiralTold = false;
      return FINE;
    }
    collectionWindow = window;
    if (window.compareTo(options.timeout()) < 0 || isSpiralTold) {
      return FINE;
    }
    isSpiralTold = true;
    return verdict(options.onCollectorSpiral(), StuckKind.GC_SPIRAL);
  }

  private static double ratio(Duration part, Duration whole) {
    return whole.isZero() ? 0 : (double) part.toNanos() / whole.toNanos();
  }

  private static Verdict verdict(OnStuck action, StuckKind kind) {
    return switch (action) {
      case REPORT -> new Verdict.Report(kind);
      case REPLACE -> new Verdict.Replace(kind);
    };
  }

  /**
   * Some time has passed.
   *
   * @param elapsed since the last time; more than twice the interval does not count: the monitor
   *     itself did not run, and maybe nobody did
   */
  void onTick(Duration elapsed) {
    if (isSilent()) {
      Duration most = options.interval().multipliedBy(2);
      silence = silence.plus(elapsed.compareTo(most) > 0 ? most : elapsed);
    }
  }

  /** Whether it owes an answer, or has none but that it has no memory. */
  boolean isSilent() {
    return isAsked || isOutOfMemory;
  }

  /**
   * Its threads were looked at.
   *
   * @param since what they have used since the last time
   * @param elapsed since then
   */
  Verdict onSample(ProcessSample sample, ProcessSample.Shares since, Duration elapsed) {
    shares = since;
    if (sample.state() == 't' || sample.isDumpingCore()) {
      silence = Duration.ZERO; // a debugger has it, or the kernel
      return FINE;
    }
    var symptoms = new StuckKind.Symptoms(sample.state(), isOutOfMemory, shares);
    StuckKind kind = StuckKind.of(symptoms);
    // On a machine that has neither a processor nor memory for it, a collection takes very long.
    boolean isCollecting = kind == StuckKind.GC_SPIRAL || sample.isCollectorWaiting();
    if (isSilent() && silence.compareTo(patience(isCollecting)) >= 0) {
      return new Verdict.Replace(kind);
    }
    if (!StuckKind.isBusy(shares)) {
      busy = Duration.ZERO;
      isBusyTold = false;
      return FINE;
    }
    busy = busy.plus(elapsed);
    if (isSilent() || isBusyTold || busy.compareTo(options.timeout()) < 0) {
      return FINE;
    }
    isBusyTold = true;
    return new Verdict.Report(StuckKind.BUSY_LOOP);
  }

  private Duration patience(boolean isCollecting) {
    return isCollecting ? options.timeout().multipliedBy(COLLECTING) : options.timeout();
  }
}
