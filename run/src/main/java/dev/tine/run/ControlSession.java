package dev.tine.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One connection to the control socket: its request, and the answer.
 *
 * <p>It has a thread of its own; what it does to the monitor is posted to its loop.
 */
final class ControlSession {
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);

  private final RunMonitor monitor;
  private final SocketChannel client;

  ControlSession(RunMonitor monitor, SocketChannel client) {
    this.monitor = monitor;
    this.client = client;
  }

  /** Reads the request, answers it, and closes the connection. */
  void run() {
    try (client) {
      // One that says nothing must not keep its place.
      AtomicBoolean isHeard = limit();
      String line = readLine();
      isHeard.set(true);
      Request request;
      try {
        request = Request.parse(line);
      } catch (IllegalArgumentException e) {
        write(client, Reply.error(String.valueOf(e.getMessage())));
        return;
      }
      switch (request) {
        case Request.Reload(List<String> command) ->
            follow(onEnd ->
                monitor
                    .changes()
                    .reload(command.isEmpty() ? Optional.empty() : Optional.of(command), onEnd));
        case Request.Rollback() -> follow(monitor.changes()::rollback);
        case Request.Refork() -> follow(monitor.changes()::refork);
        case Request.GetStatus() -> {
          var now = new CompletableFuture<Status>();
          monitor.post(() -> now.complete(monitor.status()));
          reply(Reply.status(now.join())); // here: it takes time to see what processes use
        }
        default -> {
          var answer = new CompletableFuture<String>();
          monitor.post(() -> answer.complete(answer(request)));
          reply(answer.join());
          if (request instanceof Request.Stop) {
            awaitEnd();
          }
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // who asked has gone
    }
  }

  /** Closes the connection after a time, unless what is returned is set by then. */
  private AtomicBoolean limit() {
    var isDone = new AtomicBoolean();
    monitor.closeAfter(
        IDLE_LIMIT,
        () -> {
          if (!isDone.get()) {
            client.close();
          }
        });
    return isDone;
  }

  /** One that does not read its answer must not keep its place either. */
  private void reply(String line) throws IOException {
    AtomicBoolean isRead = limit();
    write(client, line);
    isRead.set(true);
  }

  /** Until this process ends, or who asks gives up. */
  private void awaitEnd() throws IOException {
    ByteBuffer ignored = ByteBuffer.allocate(64);
    while (client.read(ignored.clear()) >= 0) {
      // nothing is to be said now
    }
  }

  static void write(SocketChannel client, String line) throws IOException {
    client.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private record Line(String text, boolean isLast) {}

  /** Something that is begun on the loop, and tells there how it ended. */
  private interface Task {
    void begin(Consumer<Optional<String>> onEnd);
  }

  /** Tells all that happens until the task is done, and then how it ended. */
  private void follow(Task task) throws IOException {
    var lines = new LinkedBlockingQueue<Line>();
    var isDone = new AtomicBoolean();
    monitor.post(() -> {
      Runnable remove =
          monitor.events().listen(event -> lines.add(new Line(Reply.event(event), false)));
      task.begin(failure -> {
        remove.run();
        isDone.set(true);
        lines.add(new Line(failure.map(Reply::error).orElseGet(Reply::ok), true));
      });
    });
    Optional<Thread> writer =
        Background.start(
            "tine-control-writer",
            () -> {
              try (client) {
                Line line;
                do {
                  line = lines.take();
                  write(client, line.text());
                } while (!line.isLast());
              } catch (IOException | InterruptedException e) {
                // who asked has gone
              }
            });
    if (writer.isEmpty()) {
      client.close();
    }
    try {
      awaitEnd();
    } catch (IOException e) {
      // closed by the writer, most likely
    }
    if (!isDone.get()) {
      monitor.post(() -> {
        if (!isDone.get()) {
          monitor.changes().abort("interrupted: who asked for it has gone");
        }
      });
    }
    writer.ifPresent(Thread::interrupt);
  }

  private String readLine() throws IOException {
    var line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(512);
    while (client.read(buffer.clear()) >= 0) {
      for (int i = 0; i < buffer.position(); i++) {
        if (buffer.get(i) == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        if (line.size() == Request.MAX_LENGTH) {
          throw new IOException("a line is too long");
        }
        line.write(buffer.get(i));
      }
    }
    throw new IOException("no line");
  }

  /** On the loop. */
  private String answer(Request request) {
    return switch (request) {
      case Request.GetLogs() -> Reply.logs(monitor.console().kept());
      case Request.Restart(int id) ->
          monitor.changes().replace(id).map(Reply::error).orElseGet(Reply::ok);
      case Request.Scale(int count) -> {
        monitor.scale(count);
        yield Reply.ok();
      }
      case Request.Stop() -> {
        monitor.stop("command", "stop");
        yield Reply.ok();
      }
      case Request.GetStatus _, Request.Reload _, Request.Rollback _, Request.Refork _ ->
          throw new IllegalStateException("answered elsewhere");
    };
  }
}
