package dev.tine.run;

import dev.tine.run.watch.Counters;
import dev.tine.run.watch.EventLog;
import dev.tine.run.watch.Pages;
import dev.tine.run.watch.Sampler;
import dev.tine.run.watch.StuckWorkers;
import dev.tine.run.watch.WebServer;
import dev.tine.sys.Pidfd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Everyone who watches a monitor: its web server, its hooks and the service manager. None of them
 * can hold it up.
 *
 * <p>For the loop's thread.
 */
final class Watching implements AutoCloseable {
  private final RunOptions options;
  private final Loop loop;
  private final Events events;
  private final Supplier<Status> status;
  private final Counters counters = new Counters(System::nanoTime);
  private final EventLog log = new EventLog();
  private final StuckWorkers stuck = new StuckWorkers();
  private final Optional<Hooks> hooks;
  private final Optional<ServiceManager> manager;
  private Optional<WebServer> web = Optional.empty();

  /**
   * Listens to events and does nothing else yet.
   *
   * @param status for the loop's thread
   */
  Watching(
      RunOptions options,
      Map<String, String> environment,
      Loop loop,
      Events events,
      Console console,
      Supplier<Status> status) {
    this.options = options;
    this.loop = loop;
    this.events = events;
    this.status = status;
    WatchOptions watch = options.watch();
    hooks =
        watch.hook().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Hooks(
                    loop, events, console, options.name(), watch.hook(), watch.hookTimeout()));
    manager = ServiceManager.of(environment, loop, status);
    if (watch.http().isPresent()) {
      var _ = events.listen(counters);
      var _ = events.listen(log);
      var _ = events.listen(stuck);
    }
    hooks.ifPresent(it -> events.listen(it));
    manager.ifPresent(it -> events.listen(it));
    var _ = events.listen(this::onEvent);
  }

  /**
   * Begins to answer.
   *
   * @throws RunFailedException if it cannot
   */
  Watching start() {
    options.watch().http().ifPresent(this::serve);
    manager.ifPresent(ServiceManager::start);
    return this;
  }

  private void serve(HttpAddress address) {
    try {
      InetSocketAddress at = address.resolve();
      var pages =
          new Pages(
              this::ask, () -> Inodes.socketsOf(Pidfd.self()), counters, log, stuck, new Sampler());
      WebServer server = WebServer.start(at, pages);
      web = Optional.of(server);
      HttpAddress real = new HttpAddress(address.host(), server.address().getPort());
      events.tell(Event.of("http").with("url", "http://" + real + "/"));
    } catch (IOException | IllegalArgumentException e) {
      throw new RunFailedException("--http %s: %s".formatted(address, e.getMessage()));
    }
  }

  private CompletableFuture<Status> ask() {
    var answer = new CompletableFuture<Status>();
    loop.post(() -> answer.complete(status.get()));
    return answer;
  }

  /** A mold has taken this time to make a worker. */
  void forked(long nanos) {
    counters.forked(nanos);
  }

  private void onEvent(Event event) {
    if (event.name().equals("serving")) {
      OptionalLong limit = MemoryLimit.ofThisProcess();
      if (limit.isPresent()) {
        Status now = status.get();
        // A thread of its own: to see what processes use takes time.
        var _ = // without it, nobody is told
            Background.start(
                "tine-memory",
                () -> {
                  Event memory = memory(limit.getAsLong(), now);
                  loop.post(() -> events.tell(memory));
                });
      }
    }
  }

  /** What there is, and for how many workers more there is room. */
  private static Event memory(long limit, Status now) {
    List<Usage> workers =
        now.processes().stream()
            .filter(process -> process.id() >= 0)
            .map(process -> Usage.of(process.pid()))
            .toList();
    long used =
        now.processes().stream().mapToLong(process -> Usage.of(process.pid()).pssBytes()).sum();
    long each =
        Math.max(
            1, workers.stream().mapToLong(Usage::ussBytes).sum() / Math.max(1, workers.size()));
    return Event.of("memory")
        .with("limit", megabytes(limit))
        .with("used", megabytes(used))
        .with("per-worker", megabytes(each))
        .with("room", Math.max(0, (limit - used) / each));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1fM", bytes / 1048576.0);
  }

  @Override
  public void close() {
    web.ifPresent(WebServer::close);
    hooks.ifPresent(Hooks::close);
  }
}
