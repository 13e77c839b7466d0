package dev.tine.run;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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

  private void serve(SocketChannel client) {
    try {
      new ControlSession(monitor, client).run();
    } finally {
      room.release();
    }
  }

  /** Without waiting for whoever it is: a line always has room in a socket that is new. */
  private static void refuse(SocketChannel client, String reason) {
    try (client) {
      client.configureBlocking(false);
      ControlSession.write(client, Reply.error(reason));
    } catch (IOException e) {
      // it has gone
    }
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
