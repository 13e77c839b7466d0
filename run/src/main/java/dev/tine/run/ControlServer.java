package dev.tine.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
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

  private final RunMonitor monitor;
  private final Path path;
  private final ServerSocketChannel server;
  private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
  private final String owner;

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
      while (true) {
        SocketChannel client = server.accept();
        if (!isAllowed(client) || !room.tryAcquire()) {
          client.close();
          continue;
        }
        Thread.ofPlatform().daemon().name("tine-control-client").start(() -> serve(client));
      }
    } catch (AsynchronousCloseException e) {
      // the monitor ends
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage());
      monitor.post(() ->
          monitor
              .events()
              .tell(Event.of("control-closed").with("path", path).with("reason", reason)));
    }
  }

  private boolean isAllowed(SocketChannel client) throws IOException {
    String user = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    return user.equals(owner) || user.equals("root");
  }

  private void serve(SocketChannel client) {
    // One that says nothing must not keep its place.
    monitor.closeAfter(IDLE_LIMIT, client);
    try (client) {
      String line = readLine(client);
      boolean isStop = false;
      String reply;
      try {
        Request request = Request.parse(line);
        isStop = request instanceof Request.Stop;
        var answer = new CompletableFuture<String>();
        monitor.post(() -> answer.complete(answer(request)));
        reply = answer.join();
      } catch (IllegalArgumentException e) {
        reply = Reply.error(String.valueOf(e.getMessage()));
      }
      client.write(ByteBuffer.wrap((reply + "\n").getBytes(StandardCharsets.UTF_8)));
      if (isStop) {
        client.read(ByteBuffer.allocate(1)); // until this process ends, or who asks gives up
      }
    } catch (IOException | UncheckedIOException e) {
      // who asked has gone
    } finally {
      room.release();
    }
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
      case Request.GetStatus() -> Reply.status(monitor.status());
      case Request.GetLogs() -> Reply.logs(monitor.console().kept());
      case Request.Restart(int id) ->
          monitor.restart(id) ? Reply.ok() : Reply.error("there is no worker " + id);
      case Request.Scale(int count) -> {
        monitor.scale(count);
        yield Reply.ok();
      }
      case Request.Stop() -> {
        monitor.stop();
        yield Reply.ok();
      }
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
