package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The way of a program from its start to its mold: it boots, listens, is ready, is warmed, is
 * frozen.
 *
 * <p>For the loop's thread. It ends with one call of {@link Outcome}, whatever happens.
 */
final class Boot implements Program.Events {
  /** After a program has begun to listen: it may do so at more addresses. */
  private static final Duration SETTLE = Duration.ofMillis(300);

  private static final Duration FREEZE_LIMIT = Duration.ofSeconds(60);
  private static final Duration TICK = Duration.ofMillis(200);

  private final Loop loop;
  private final RunOptions options;
  private final Console console;
  private final Events events;
  private final int generation;
  private final Outcome outcome;
  private final long beginNanos = System.nanoTime();
  private final Program program;
  private final Loop.Timer readyTimer;
  private Loop.Timer stageTimer;
  private Stage stage = Stage.BOOTING;
  private String lastProbe = "";
  private List<Listeners.Borrowed> listening = List.of();
  private OrderCall.Pair orders = new OrderCall.Pair(-1, -1);

  private enum Stage {
    BOOTING,
    LISTENING,
    PREPARING,
    WARMING,
    FREEZING,
    FROZEN,
    FAILED
  }

  /** What came of it; one of these is called, once. */
  interface Outcome {
    /** There is a mold, and the program has ended. */
    void booted(Frozen result);

    /** There is none, and nothing of the program is left. */
    void failed(String reason);
  }

  Boot(
      Loop loop,
      RunOptions options,
      Console console,
      Events events,
      Listeners listeners,
      RuntimeDirectory directory,
      int generation,
      List<String> command,
      Outcome outcome) {
    this.loop = loop;
    this.options = options;
    this.console = console;
    this.events = events;
    this.generation = generation;
    this.outcome = outcome;
    this.stageTimer = loop.after(Duration.ZERO, () -> {});
    Launch.Launched launched = Launch.start(console, directory, command);
    this.program = new Program(loop, listeners, this, directory, launched);
    this.readyTimer = loop.after(options.readyTimeout(), this::onNotReady);
    events.tell(
        Event.of("booting")
            .with("name", options.name())
            .with("gen", generation)
            .with("pid", program.pid()));
    tick();
  }

  int pid() {
    return program.pid();
  }

  Instant since() {
    return program.since();
  }

  /** Gives up: the program is killed; told as a failure. */
  void cancel(String reason) {
    fail(reason);
  }

  private void tick() {
    if (stage == Stage.BOOTING || stage == Stage.LISTENING) {
      String what =
          stage == Stage.BOOTING
              ? "waiting until it listens"
              : "waiting for %s%s".formatted(options.readyPath().orElse("/"), lastProbe);
      console.progress("booting: %s, %.0f s".formatted(what, elapsedSeconds()));
      loop.after(TICK, this::tick);
    }
  }

  private double elapsedSeconds() {
    return (System.nanoTime() - beginNanos) / 1e9;
  }

  @Override
  public void listens(Listeners.Borrowed where) {
    if (stage == Stage.BOOTING) {
      stageTimer.cancel();
      stageTimer = loop.after(SETTLE, this::onSettled);
    }
  }

  private void onSettled() {
    listening = program.listening();
    if (listening.isEmpty() || stage != Stage.BOOTING) {
      return; // it has closed it again, as one does who looks whether a port is free
    }
    stage = Stage.LISTENING;
    if (options.readyPath().isEmpty() || http().isEmpty()) {
      onReady();
    } else {
      probe();
    }
  }

  /** The first address with a port: where requests are sent to. */
  private Optional<InetSocketAddress> http() {
    return listening.stream().flatMap(one -> one.reachable().inet().stream()).findFirst();
  }

  private void probe() {
    new ReadyProbe(loop, http().orElseThrow(), options.readyPath().orElseThrow())
        .ask(this::onProbed);
  }

  private void onProbed(String answer) {
    if (stage != Stage.LISTENING) {
      return;
    }
    if (answer.isEmpty()) {
      onReady();
    } else {
      lastProbe = " (" + answer + ")";
      loop.after(
          TICK,
          () -> {
            if (stage == Stage.LISTENING) {
              probe();
            }
          });
    }
  }

  private void onReady() {
    readyTimer.cancel();
    stage = Stage.PREPARING;
    events.tell(
        Event.of("ready")
            .with("gen", generation)
            .with("after", Duration.ofNanos(System.nanoTime() - beginNanos))
            .with(
                "listening",
                String.join(",", listening.stream().map(one -> one.asked().toString()).toList())));
    // Before the warm-up: what is compiled then must not have the pid of this process in it, and a
    // JVM that cannot be forked is told of at once.
    stageTimer = loop.after(FREEZE_LIMIT, () -> fail("it cannot be frozen: it does not answer"));
    program.prepare();
  }

  @Override
  public void prepared(Message answer) {
    if (stage != Stage.PREPARING) {
      return;
    }
    stageTimer.cancel();
    if (answer.errno() != 0) {
      fail("it cannot be frozen: " + Freezing.reasonOf(answer));
      return;
    }
    warm();
  }

  private void warm() {
    stage = Stage.WARMING;
    if (options.warmup().isNone() || http().isEmpty()) {
      freeze();
      return;
    }
    List<String> paths =
        options.warmup().paths().isEmpty()
            ? List.of(options.readyPath().orElse("/"))
            : options.warmup().paths();
    var warmup = new Warmup(program.pid(), http().orElseThrow(), options.warmup(), paths);
    Optional<Thread> warmer =
        Background.start(
            "tine-warmup",
            () -> {
              Warmup.Result result = warmup.run(console::progress);
              loop.post(() -> onWarm(result));
            });
    if (warmer.isEmpty()) {
      onWarm(Warmup.Result.none(Background.NO_THREAD));
    }
  }

  private void onWarm(Warmup.Result result) {
    if (stage != Stage.WARMING) {
      return;
    }
    Event warmed =
        Event.of("warmed")
            .with("gen", generation)
            .with("requests", result.requests())
            .with("errors", result.errors())
            .with("rate", result.perSecond() + "/s")
            .with("time", result.time());
    events.tell(
        result
            .failure()
            .map(why -> warmed.with("ended", why + "; see --warmup-path"))
            .orElse(warmed));
    freeze();
  }

  private void freeze() {
    stage = Stage.FREEZING;
    listening = program.listening();
    try {
      orders = OrderCall.pair();
    } catch (SystemCallException e) {
      fail("it cannot be frozen: " + e.getMessage());
      return;
    }
    stageTimer = loop.after(FREEZE_LIMIT, () -> fail("it could not be frozen: it does not answer"));
    program.freeze("tine: mold %s gen=%d".formatted(options.name(), generation), orders.moldFd());
    // With it open here, the death of the mold would not end a wait for its answer.
    Pidfd.close(orders.moldFd());
  }

  @Override
  public void frozen(Message answer) {
    if (stage != Stage.FREEZING) {
      return;
    }
    stageTimer.cancel();
    Optional<String> failure = Freezing.failure(loop, Optional.of(answer));
    if (failure.isPresent()) {
      fail("it cannot be frozen: " + failure.get());
      return;
    }
    stage = Stage.FROZEN;
    // The mold is a copy, and this is what is left over. A kill: hooks of its shutdown would take
    // away what workers need, and say goodbye on connections that are none of theirs.
    program.kill();
    outcome.booted(
        new Frozen(
            generation,
            answer.number(),
            orders.monitorFd(),
            listening,
            program.outputs(),
            program.control()));
  }

  @Override
  public void unfit(String reason) {
    fail(reason);
  }

  @Override
  public void ended(ExitStatus status) {
    if (stage != Stage.FROZEN) {
      fail(
          "the program %s after %.1f s, before it %s"
              .formatted(
                  status,
                  elapsedSeconds(),
                  switch (stage) {
                    case BOOTING -> "listened at a port";
                    case LISTENING -> "was ready";
                    case PREPARING, WARMING -> "was warm";
                    default -> "was frozen";
                  }));
    }
  }

  private void onNotReady() {
    if (stage == Stage.BOOTING) {
      fail(Diagnosis.notListening(program, options.readyTimeout()));
    } else if (stage == Stage.LISTENING) {
      fail(
          "it was not ready within %d s: GET %s%s"
              .formatted(
                  options.readyTimeout().toSeconds(), options.readyPath().orElse("/"), lastProbe));
    }
  }

  private void fail(String reason) {
    if (stage == Stage.FAILED || stage == Stage.FROZEN) {
      return;
    }
    List<String> all = new ArrayList<>();
    all.add(reason);
    stage = Stage.FAILED;
    readyTimer.cancel();
    stageTimer.cancel();
    if (orders.monitorFd() >= 0) {
      Pidfd.close(orders.monitorFd());
    }
    program.killAll();
    List<String> tail = program.tail();
    if (!tail.isEmpty()) {
      all.add("its last output:");
      tail.forEach(line -> all.add("  " + line));
    }
    outcome.failed(String.join("\n", all));
  }
}
