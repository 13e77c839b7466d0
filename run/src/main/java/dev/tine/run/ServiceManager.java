package dev.tine.run;

import dev.tine.run.watch.StuckWorkers;
import dev.tine.sys.Errno;
import dev.tine.sys.NotifyCall;
import dev.tine.sys.Pidfd;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Tells a service manager how the program is, as {@code sd_notify(3)} describes: ready, reloading,
 * stopping, one line of status, and that it is well.
 *
 * <p>For the loop's thread: that its messages come shows that the loop runs.
 */
final class ServiceManager implements Consumer<Event> {
  private static final Duration AGAIN = Duration.ofMillis(100);
  private static final int WAITING = 100;

  /** Of the time after which the service is taken for dead: some may be late, or find it unwell. */
  private static final int PER_WATCHDOG = 4;

  private final ToIntFunction<String> send;
  private final BiConsumer<Duration, Runnable> after;
  private final Supplier<Status> status;
  private final LongSupplier nanos;
  private final Optional<Duration> watchdog;
  private final Deque<String> waiting = new ArrayDeque<>();
  private final StuckWorkers stuck = new StuckWorkers();
  private boolean isReady;
  private boolean isStopping;
  private String lastStatus = "";

  /**
   * @param send a message; 0 or {@code -errno}
   * @param after runs something on the loop after a time
   * @param nanos the kernel's monotonic clock
   * @param watchdog after which silence is taken for death
   */
  ServiceManager(
      ToIntFunction<String> send,
      BiConsumer<Duration, Runnable> after,
      Supplier<Status> status,
      LongSupplier nanos,
      Optional<Duration> watchdog) {
    this.send = send;
    this.after = after;
    this.status = status;
    this.nanos = nanos;
    this.watchdog = watchdog;
  }

  /** The one that has started this process, if it wants to be told anything. */
  static Optional<ServiceManager> of(
      Map<String, String> environment, Loop loop, Supplier<Status> status) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (!socket.startsWith("/") && !socket.startsWith("@")) {
      return Optional.empty();
    }
    return Optional.of(
        new ServiceManager(
            text -> NotifyCall.send(socket, text),
            loop::after,
            status,
            System::nanoTime, // on Linux the clock that is meant
            watchdog(environment)));
  }

  private static Optional<Duration> watchdog(Map<String, String> environment) {
    String pid = environment.getOrDefault("WATCHDOG_PID", Integer.toString(Pidfd.self()));
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean isMeant = pid.equals(Integer.toString(Pidfd.self())) && micros.matches("[0-9]{1,18}");
    return isMeant && Long.parseLong(micros) > 0
        ? Optional.of(Duration.ofNanos(Long.parseLong(micros) * 1000))
        : Optional.empty();
  }

  /** Begins to show that it is well. */
  void start() {
    watchdog.ifPresent(limit -> beat(limit.dividedBy(PER_WATCHDOG)));
  }

  private void beat(Duration interval) {
    if (isWell()) {
      send("WATCHDOG=1");
    }
    after.accept(interval, () -> beat(interval));
  }

  /** The loop runs, or this would not; and once there were workers, one must serve, not stuck. */
  private boolean isWell() {
    return !isReady || isStopping || stuck.serving(status.get()) > 0;
  }

  @Override
  public void accept(Event event) {
    stuck.accept(event);
    switch (event.name()) {
      case "serving" -> {
        isReady = true;
        send("READY=1\n" + statusLine());
      }
      case "reload", "rollback", "refork" ->
          send(
              "RELOADING=1\nMONOTONIC_USEC=%d\n%s"
                  .formatted(nanos.getAsLong() / 1000, statusLine()));
      case "stopping" -> {
        isStopping = true;
        send("STOPPING=1\nSTATUS=stopping");
      }
      default -> {
        if (isEndOfChange(event)) {
          send("READY=1\n" + statusLine());
        } else if (isReady && !isStopping) {
          tellChangedStatus();
        }
      }
    }
  }

  private static boolean isEndOfChange(Event event) {
    return event.name().matches("(reload|rollback|refork)-(done|failed)")
        && event.field("id").isEmpty();
  }

  private void tellChangedStatus() {
    String before = lastStatus;
    String line = statusLine();
    if (!line.equals(before)) {
      send(line);
    }
  }

  private String statusLine() {
    Status now = status.get();
    lastStatus =
        "STATUS=%d of %d workers serve, generation %d%s"
            .formatted(
                now.count("worker"),
                now.wanted(),
                now.generation(),
                now.state().equals("serving") ? "" : ", " + now.state());
    return lastStatus;
  }

  private void send(String message) {
    waiting.addLast(message);
    if (waiting.size() == 1) {
      sendWaiting();
    } else if (waiting.size() > WAITING) {
      waiting.removeFirst(); // nobody has read it for long
    }
  }

  /** In order. Only a manager that reads nothing for the moment is waited for. */
  private void sendWaiting() {
    while (!waiting.isEmpty()) {
      if (send.applyAsInt(waiting.getFirst()) == -Errno.EAGAIN) {
        after.accept(AGAIN, this::sendWaiting);
        return;
      }
      waiting.removeFirst();
    }
  }
}
