package dev.tine.run;

import dev.tine.fork.Signal;
import dev.tine.sys.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Asks one worker again and again whether it is alive, says what is wrong with it, and ends it if
 * it is stuck. Its end is then seen as any other.
 *
 * <p>For the loop's thread. What to think of the answers is {@link Pulse}'s, what to do {@link
 * Ladder}'s.
 */
final class Heartbeat {
  /** Deadlocks are looked for, and threads looked at, each so many questions. */
  private static final int LOOK_EACH = 6;

  private final Loop loop;
  private final Events events;
  private final Evidence evidence;
  private final LivenessOptions options;
  private final Patient patient;
  private final Child child;
  private final ControlLink control;
  private final Pulse pulse;
  private final List<Ladder.Rung> ladder;
  private ProcessSample sample;
  private int question;
  private long tickNanos = System.nanoTime();
  private long answerNanos = System.nanoTime();

  /** Where it stands on the ladder; -1: nowhere. */
  private int rung = -1;

  /** Whether it does because it is silent, and not for what it has answered. */
  private boolean isEndedForSilence;

  /** How often it was put on the ladder: what belongs to a former time is void. */
  private int attempt;

  /** The worker that is asked. */
  interface Patient {
    int id();

    int generation();

    Child child();

    ControlLink control();

    /** How many requests it has begun so far, as it says itself. */
    void hasBegun(long requests);

    /** Whether it was told to end, and needs no heart any more. */
    boolean isStopping();
  }

  /**
   * @param stopTimeout between SIGTERM and what follows
   */
  private Heartbeat(
      Loop loop,
      Events events,
      Evidence evidence,
      LivenessOptions options,
      Duration stopTimeout,
      Patient patient) {
    this.loop = loop;
    this.events = events;
    this.evidence = evidence;
    this.options = options;
    this.patient = patient;
    this.child = patient.child();
    this.control = patient.control();
    this.pulse = new Pulse(options);
    this.ladder = Ladder.of(options.cores(), stopTimeout);
    this.sample = ProcessSample.of(child.pid());
  }

  /** Begins, unless nobody is to be asked; it ends with the worker. */
  static void start(
      Loop loop,
      Events events,
      Evidence evidence,
      LivenessOptions options,
      Duration stopTimeout,
      Patient patient) {
    if (!options.timeout().isZero()) {
      new Heartbeat(loop, events, evidence, options, stopTimeout, patient).tick();
    }
  }

  private void tick() {
    if (!child.isAlive() || patient.isStopping() || rung > 0) {
      return;
    }
    long now = System.nanoTime();
    pulse.onTick(Duration.ofNanos(now - tickNanos));
    tickNanos = now;
    if (pulse.isSilent() || isLook()) {
      look();
    }
    if (!pulse.isAsked()) {
      question++;
      pulse.onAsked();
      control.ask(
          Message.beat(question, isLook() ? Message.BEAT_DEADLOCKS : 0),
          answer -> answer.ifPresent(this::onAnswer));
    }
    loop.after(options.interval(), this::tick);
  }

  private void look() {
    ProcessSample before = sample;
    sample = ProcessSample.of(child.pid());
    Duration elapsed = Duration.ofNanos(sample.atNanos() - before.atNanos());
    act(pulse.onSample(sample, sample.since(before), elapsed), before);
  }

  private boolean isLook() {
    return question % LOOK_EACH == 0;
  }

  private void onAnswer(Message message) {
    if (!pulse.isAsked() || message.number() != question) {
      return; // to nothing that was asked
    }
    long now = System.nanoTime();
    Duration silence = pulse.silence();
    Duration since = Duration.ofNanos(now - answerNanos);
    answerNanos = now;
    BeatAnswer said = BeatAnswer.of(message.text());
    said.requests().ifPresent(patient::hasBegun);
    Pulse.Verdict verdict = pulse.onAnswer(said, since, isLook());
    if (rung == 0 && isEndedForSilence && !pulse.isSilent()) {
      rung = -1; // nothing was done to it yet
      events.tell(of("worker-recovered").with("silent", silence));
    }
    act(verdict, sample);
  }

  private void act(Pulse.Verdict verdict, ProcessSample before) {
    switch (verdict) {
      case Pulse.Verdict.Fine() -> {}
      case Pulse.Verdict.Report(StuckKind kind) -> report(kind, "report", before, () -> {});
      case Pulse.Verdict.Replace(StuckKind kind) -> {
        if (rung < 0) {
          isEndedForSilence = pulse.isSilent();
          int mine = ++attempt;
          climb();
          report(
              kind,
              "replace",
              before,
              () -> {
                if (rung == 0 && attempt == mine) {
                  climb();
                }
              });
        }
      }
    }
  }

  /** The next step, and the one after it if the worker lives on for too long. */
  private void climb() {
    if (!child.isAlive() || rung == ladder.size() - 1) {
      return;
    }
    int mine = ++rung;
    int now = attempt;
    switch (ladder.get(mine).step()) {
      case EVIDENCE -> {}
      case TERMINATE -> {
        signal(Signal.TERM);
        child.signal(Signal.CONT); // one that is stopped would not hear of it
      }
      case ABORT -> signal(Signal.ABRT);
      case KILL -> signal(Signal.KILL);
    }
    loop.after(
        ladder.get(mine).limit(),
        () -> {
          if (rung == mine && attempt == now) {
            climb();
          }
        });
  }

  private void signal(Signal signal) {
    events.tell(of("worker-signal").with("signal", signal));
    child.signal(signal);
  }

  /** Writes a report, on another thread, tells of it, and goes on. */
  private void report(StuckKind kind, String action, ProcessSample before, Runnable then) {
    List<String> findings = findings(kind);
    Event event =
        of("worker-stuck")
            .with("kind", kind)
            .with("action", action)
            .with("silent", pulse.silence());
    var subject =
        new Evidence.Subject(
            patient.id(),
            child.pid(),
            Stream.concat(Stream.of(event.line()), findings.stream()).toList(),
            before,
            () -> loop.post(() -> child.signal(Signal.QUIT)));
    Consumer<Event> tell =
        told ->
            loop.post(() -> {
              events.tell(told.details(findings));
              then.run();
            });
    Optional<Thread> writer =
        Background.start(
            "tine-evidence",
            () -> {
              try {
                tell.accept(event.with("evidence", evidence.collect(subject)));
              } catch (IOException e) {
                tell.accept(event.with("no-evidence", e));
              }
            });
    if (writer.isEmpty()) {
      tell.accept(event.with("no-evidence", Background.NO_THREAD));
    }
  }

  private List<String> findings(StuckKind kind) {
    List<String> lines = new ArrayList<>();
    lines.add(kind.meaning());
    pulse
        .deadlock()
        .ifPresent(it ->
            lines.add(
                "%d threads in a deadlock, and %d that wait for them: %s"
                    .formatted(it.threads(), it.waiting(), it.names())));
    pulse
        .overdue()
        .ifPresent(it ->
            lines.add(
                "the request \"%s\" of thread \"%s\" was to be done within %.1f s, and has taken %.1f s; it is at %s"
                    .formatted(
                        it.request(),
                        it.thread(),
                        it.limit().toMillis() / 1e3,
                        it.after().toMillis() / 1e3,
                        it.at())));
    pulse
        .shares()
        .busiest()
        .ifPresent(it ->
            lines.add(
                "busiest thread: \"%s\", ready to run for %.0f%% of the time"
                    .formatted(it.name(), 100 * it.share())));
    lines.add(
        "all threads: %.0f%% of a processor, the collector's: %.0f%%"
            .formatted(100 * pulse.shares().all(), 100 * pulse.shares().collector()));
    return lines;
  }

  private Event of(String name) {
    return Event.ofWorker(name, patient.id(), child.pid(), patient.generation());
  }
}
