package dev.tine.examples.hello;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.ZoneOffset.UTC;
import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.ZonedDateTime;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/** HTTP/1.1 with a single page, and a virtual thread per connection. */
final class HttpServer {
  private static final int ACCEPT_THREADS = 2;
  private static final int MAX_CONNECTIONS = 4096;
  private static final int READ_TIMEOUT_MILLIS = 10_000;
  private static final int LINGER_MILLIS = 1_000;
  private static final int LINGER_BYTES = 64 * 1024;
  private static final int STOP_GRACE_SECONDS = 5;

  private final ServerSocketChannel listener;
  private final String page;
  private final ExecutorService conversations = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore capacity = new Semaphore(MAX_CONNECTIONS);
  private final Set<SocketChannel> idle = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  HttpServer(ServerSocketChannel listener, String page) {
    this.listener = listener;
    this.page = page;
  }

  /** Returns at once; the threads that accept keep the JVM alive. */
  void serve() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
    // Platform threads: a virtual one would switch the listener, which all workers share, to
    // non-blocking.
    for (int i = 0; i < ACCEPT_THREADS; i++) {
      Thread.ofPlatform().name("accept-" + i).start(this::acceptAll);
    }
  }

  private void acceptAll() {
    while (true) {
      capacity.acquireUninterruptibly();
      try {
        SocketChannel client = listener.accept();
        conversations.execute(() -> converse(client));
      } catch (ClosedChannelException | RejectedExecutionException _) {
        return; // by stop()
      } catch (IOException e) {
        capacity.release();
        System.err.println("hello-prefork: accept: " + e.getMessage());
        LockSupport.parkNanos(
            MILLISECONDS.toNanos(100)); // descriptors ran out: some will be closed
      }
    }
  }

  /** Closes this worker's copy of the listener, and idle connections; lets open requests finish. */
  private void stop() {
    stopping = true;
    try {
      listener.close();
      for (SocketChannel client : idle) {
        client.close();
      }
      conversations.shutdown();
      conversations.awaitTermination(STOP_GRACE_SECONDS, SECONDS);
    } catch (IOException e) {
      System.err.println("hello-prefork: stop: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void converse(SocketChannel client) {
    try (client) {
      Socket socket = client.socket();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
      var in = new BufferedInputStream(socket.getInputStream());
      do {
        if (!answer(in, socket.getOutputStream())) {
          // A close with unread input would be a reset, and take the answer with it.
          socket.shutdownOutput();
          socket.setSoTimeout(LINGER_MILLIS);
          in.skipNBytes(LINGER_BYTES);
          return;
        }
      } while (hasNext(client, in));
    } catch (IOException _) {
      // The client is gone, or silent for too long.
    } finally {
      idle.remove(client);
      capacity.release();
    }
  }

  private boolean hasNext(SocketChannel client, InputStream in) throws IOException {
    idle.add(client);
    if (stopping) { // asked only now: stop() sets it before it looks at `idle`
      return false;
    }
    in.mark(1);
    int first = in.read();
    in.reset();
    idle.remove(client);
    return first >= 0;
  }

  /** Reads and answers one request; false: no other can follow. */
  private boolean answer(InputStream in, OutputStream out) throws IOException {
    Request request = Request.read(in);
    boolean keepAlive = request.keepAlive() && !stopping;
    String status = request.error();
    if (status.isEmpty()) {
      status =
          switch (request.method()) {
            case "GET", "HEAD" -> request.path().equals("/") ? "200 OK" : "404 Not Found";
            default -> "405 Method Not Allowed\r\nAllow: GET, HEAD";
          };
    }
    String body = status.equals("200 OK") ? page : status.lines().findFirst().orElseThrow() + "\n";
    String head =
        "HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(
                status,
                RFC_1123_DATE_TIME.format(ZonedDateTime.now(UTC)),
                body.length(),
                keepAlive ? "" : "Connection: close\r\n");
    out.write((request.method().equals("HEAD") ? head : head + body).getBytes(US_ASCII));
    return keepAlive;
  }
}
