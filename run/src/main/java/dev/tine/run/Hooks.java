package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Environ;
import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SpawnCall;
import dev.tine.sys.SpawnOutcome;
import dev.tine.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Runs a command for each event, one at a time. The command may fail or hang: nothing waits for it
 * but the next one.
 *
 * <p>For the loop's thread.
 */
final class Hooks implements Consumer<Event>, AutoCloseable {
  private static final int WAITING = 100;

  /** Events of its own are not told to it: a command that fails would be told that, and fail. */
  private static final String OWN = "hook-";

  private final Loop loop;
  private final Events events;
  private final Console console;
  private final String program;
  private final List<String> command;
  private final Duration timeout;
  private final Queue<Event> waiting = new ArrayDeque<>();
  private Optional<Child> running = Optional.empty();
  private boolean isClosed;
  private int dropped;

  /**
   * @param program its name
   * @param command the program to run and its arguments
   */
  Hooks(
      Loop loop,
      Events events,
      Console console,
      String program,
      List<String> command,
      Duration timeout) {
    this.loop = loop;
    this.events = events;
    this.console = console;
    this.program = program;
    this.command = command;
    this.timeout = timeout;
  }

  @Override
  public void accept(Event event) {
    if (isClosed || event.name().startsWith(OWN)) {
      return;
    }
    if (waiting.size() == WAITING) {
      dropped++;
      return;
    }
    waiting.add(event);
    if (running.isEmpty() && waiting.size() == 1) {
      loop.post(this::next); // after the others have heard of the event
    }
  }

  private void next() {
    if (isClosed || running.isPresent()) {
      return;
    }
    if (waiting.isEmpty()) {
      tellDropped();
      return;
    }
    Event event = waiting.remove();
    try {
      start(event);
    } catch (SystemCallException e) {
      fail(event, String.valueOf(e.getMessage()));
    }
  }

  private void tellDropped() {
    if (dropped > 0) {
      events.tell(Event.of("hook-dropped").with("count", dropped));
      dropped = 0;
    }
  }

  private void start(Event event) {
    int nothing = FileCall.open(bytes("/dev/null"), FileCall.O_RDONLY, 0);
    if (nothing < 0) {
      fail(event, "/dev/null: " + Errno.text(-nothing));
      return;
    }
    Console.Opened out = console.open("hook | ", false);
    Console.Opened err = console.open("hook | ", true);
    SpawnOutcome outcome;
    try {
      List<byte[]> arguments = command.stream().map(Hooks::bytes).toList();
      outcome =
          new SpawnCall(arguments.getFirst(), arguments)
              .environment(environment(event))
              .place(nothing, 0)
              .place(out.writeFd(), 1)
              .place(err.writeFd(), 2)
              .group(0)
              .deathSignal(Signal.KILL.number())
              .start();
    } finally {
      Pidfd.close(nothing);
      Pidfd.close(out.writeFd());
      Pidfd.close(err.writeFd());
    }
    switch (outcome) {
      case SpawnOutcome.Failed failed ->
          fail(event, "%s: %s".formatted(command.getFirst(), Errno.text(failed.errno())));
      case SpawnOutcome.Started started -> {
        Child child =
            Child.adopt(loop, started.pid(), started.pidfd(), status -> onExit(event, status));
        running = Optional.of(child);
        loop.after(timeout, () -> onTimeout(event, child));
      }
    }
  }

  private void fail(Event event, String reason) {
    events.tell(Event.of("hook-failed").with("event", event.name()).with("reason", reason));
    loop.post(this::next);
  }

  private void onExit(Event event, ExitStatus status) {
    running = Optional.empty();
    if (!status.equals(new ExitStatus.Exited(0)) && !isClosed) {
      events.tell(Event.of("hook-failed").with("event", event.name()).with("reason", status));
    }
    next();
  }

  private void onTimeout(Event event, Child child) {
    if (child.isAlive()) {
      events.tell(Event.of("hook-timeout").with("event", event.name()).with("after", timeout));
      child.signalGroup(Signal.KILL);
    }
  }

  private List<byte[]> environment(Event event) {
    List<byte[]> entries = new ArrayList<>(Environ.entries());
    entries.removeIf(Hooks::isReserved);
    entries.add(bytes("TINE_NAME=" + program));
    entries.add(bytes("TINE_EVENT=" + event.name()));
    entries.add(bytes("TINE_TIME=" + event.time()));
    entries.add(bytes("TINE_LINE=" + event.line()));
    for (Event.Field field : event.fields()) {
      String key = field.key().toUpperCase(Locale.ROOT).replace('-', '_');
      entries.add(bytes("TINE_FIELD_%s=%s".formatted(key, field.value())));
    }
    return entries;
  }

  /** What is said to the monitor alone, or would be taken for this event's. */
  private static boolean isReserved(byte[] entry) {
    String text = new String(entry, StandardCharsets.ISO_8859_1);
    return text.startsWith("TINE_") || ServiceEnvironment.isOwn(text);
  }

  private static byte[] bytes(String text) {
    return text.replace('\0', '?').getBytes(StandardCharsets.UTF_8);
  }

  /** Ends the one that runs. */
  @Override
  public void close() {
    isClosed = true;
    waiting.clear();
    running.ifPresent(child -> child.signalGroup(Signal.KILL));
  }
}
