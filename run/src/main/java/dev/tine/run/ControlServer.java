package dev.tine.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/**
 * The control socket: one request a line, answered by one line. Only its user and root are listened
 * to.
 *
 * <p>It has threads of its own; what they do to the monitor is posted to its loop.
 */
final class ControlServer implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 8;
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);
  private static final Duration ACCEPT_AGAIN = Duration.ofSeconds(1);

  private final RunMonitor monitor;
  private final Path path;
  private final ServerSocketChannel server;
  private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
  private final String owner;

  /** For the thread that accepts. */
  private boolean isDeafTold;

  private ControlServer(RunMonitor monitor, Path path, ServerSocketChannel server, String owner) {
    this.monitor = monitor;
    this.path = path;
    this.server = server;
    this.owner = owner;
  }

  /**
   * Listens.
   *
   * @throws RunFailedException if it cannot
   */
  static ControlServer start(RunMonitor monitor, Path path) {
    try {
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        String owner = Files.getOwner(Path.of("/proc/self")).getName();
        var control = new ControlServer(monitor, path, server, owner);
        Thread.ofPlatform().daemon().name("tine-control-server").start(control::accept);
        return control;
      } catch (IOException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RunFailedException(
          "cannot open the control socket " + path + ": " + e.getMessage());
    }
  }

  private void accept() {
    try {
      while (server.isOpen()) {
        acceptOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does
    }
  }

  private void acceptOne() throws InterruptedException {
    SocketChannel client;
    try {
      client = server.accept();
    } catch (ClosedChannelException e) {
      return; // the monitor ends
    } catch (IOException e) {
      // No descriptor is left, most likely. There is no event for one that is free again, and the
      // connection waits meanwhile; to end here would be to be deaf for good.
      tellDeaf(String.valueOf(e.getMessage()));
      Thread.sleep(ACCEPT_AGAIN);
      return;
    }
    isDeafTold = false;
    if (!isAllowed(client)) {
      refuse(client, "only its user and root are listened to");
    } else if (!room.tryAcquire()) {
      refuse(client, "%d connections are open already; try again".formatted(MAX_CONNECTIONS));
    } else if (Background.start("tine-control-client", () -> serve(client)).isEmpty()) {
      room.release();
      refuse(client, Background.NO_THREAD);
    }
  }

  /** Once until it hears again. */
  private void tellDeaf(String reason) {
    if (!isDeafTold) {
      isDeafTold = true;
      monitor.post(() ->
          monitor
              .events()
              .tell(
                  Event.of("control-deaf")
                      .with("path", path)
                      .with("retry", ACCEPT_AGAIN)
                      .with("reason", reason)));
    }
  }

  private boolean isAllowed(SocketChannel client) {
    try {
      String user = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
      return user.equals(owner) || user.equals("root");
    } catch (IOException e) {
      return false;
    }
  }

  /** Without waiting for whoever it is: a line always has room in a socket that is new. */
  private static void refuse(SocketChannel client, String reason) {
    try (client) {
      client.configureBlocking(false);
      write(client, Reply.error(reason));
    } catch (IOException e) {
      // it has gone
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      // One that says nothing must not keep its place.
      AtomicBoolean isHeard = limit(client);
      String line = readLine(client);
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
            follow(
                client,
                onEnd ->
                    monitor
                        .changes()
                        .reload(
                            command.isEmpty() ? Optional.empty() : Optional.of(command), onEnd));
        case Request.Rollback() -> follow(client, monitor.changes()::rollback);
        case Request.Refork() -> follow(client, monitor.changes()::refork);
        case Request.GetStatus() -> {
          var now = new CompletableFuture<Status>();
          monitor.post(() -> now.complete(monitor.status()));
          reply(client, Reply.status(now.join())); // here: it takes time to see what processes use
        }
        default -> {
          var answer = new CompletableFuture<String>();
          monitor.post(() -> answer.complete(answer(request)));
          reply(client, answer.join());
          if (request instanceof Request.Stop) {
            awaitEnd(client);
          }
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // who asked has gone
    } finally {
      room.release();
    }
  }

  /** Closes a connection after a time, unless what is returned is set by then. */
  private AtomicBoolean limit(SocketChannel client) {
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
  private void reply(SocketChannel client, String line) throws IOException {
    AtomicBoolean isRead = limit(client);
    write(client, line);
    isRead.set(true);
  }

  /** Until this process ends, or who asks gives up. */
  private static void awaitEnd(SocketChannel client) throws IOException {
    ByteBuffer ignored = ByteBuffer.allocate(64);
    while (client.read(ignored.clear()) >= 0) {
      // nothing is to be said now
    }
  }

  private static void write(SocketChannel client, String line) throws IOException {
    client.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private record Line(String text, boolean isLast) {}

  /** Something that is begun on the loop, and tells there how it ended. */
  private interface Task {
    void begin(Consumer<Optional<String>> onEnd);
  }

  /** Tells all that happens until the task is done, and then how it ended. */
  private void follow(SocketChannel client, Task task) throws IOException {
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
      awaitEnd(client);
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

  private static String readLine(SocketChannel client) throws IOException {
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

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // It stays, and is found unanswered.
    }
  }
}
