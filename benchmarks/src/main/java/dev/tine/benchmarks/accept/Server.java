package dev.tine.benchmarks.accept;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpServer;
import dev.tine.benchmarks.client.Ports;
import dev.tine.benchmarks.client.Running;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * HTTP servers as they are by default, which answer with their pid: {@code Server KIND PORT
 * WORK_US}.
 */
public enum Server {
  /** A thread waits in {@code accept}. */
  TOMCAT {
    @Override
    void start(int port) throws Exception {
      var tomcat = new Tomcat();
      tomcat.setBaseDir(Files.createTempDirectory("accept-balance-").toString());
      tomcat.setPort(port);
      tomcat.getConnector().setProperty("address", HOST.getHostAddress());
      var context = tomcat.addContext("", null);
      Tomcat.addServlet(context, "pid", new PidServlet());
      context.addServletMappingDecoded("/", "pid");
      tomcat.start();
    }
  },
  /** The same. */
  JETTY {
    @Override
    void start(int port) throws Exception {
      var jetty = new org.eclipse.jetty.server.Server();
      var connector = new ServerConnector(jetty);
      connector.setHost(HOST.getHostAddress());
      connector.setPort(port);
      jetty.addConnector(connector);
      jetty.setHandler(new PidHandler());
      jetty.start();
    }
  },
  /** A thread waits in {@code Selector.select} for all of its connections and the listener. */
  JDK {
    @Override
    void start(int port) throws IOException {
      var server = HttpServer.create(new InetSocketAddress(HOST, port), BACKLOG);
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              byte[] page = page();
              exchange.sendResponseHeaders(200, page.length);
              exchange.getResponseBody().write(page);
            }
          });
      server.setExecutor(Executors.newFixedThreadPool(THREADS));
      server.start();
    }
  },
  /** A thread waits in {@code Selector.select} for the listener. */
  NETTY_NIO {
    @Override
    void start(int port) throws InterruptedException {
      NettyPages.serve(false, new InetSocketAddress(HOST, port), BACKLOG, Server::page);
    }
  },
  /** A thread waits in {@code epoll_wait} for the listener, which is edge-triggered. */
  NETTY_EPOLL {
    @Override
    void start(int port) throws InterruptedException {
      NettyPages.serve(true, new InetSocketAddress(HOST, port), BACKLOG, Server::page);
    }
  };

  private static final InetAddress HOST = InetAddress.getLoopbackAddress();
  private static final Path SELF = Path.of("/proc/self");
  private static final int BACKLOG = 1024;
  private static final int THREADS = 16;
  private static long workNanos;

  abstract void start(int port) throws Exception;

  /** How to start it; a request takes so many microseconds of a processor. */
  public List<String> command(int port, int workMicros) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx96m",
        "-cp",
        System.getProperty("java.class.path"),
        Server.class.getName(),
        name(),
        Integer.toString(port),
        Integer.toString(workMicros));
  }

  /** Starts it under {@code tine run} with that {@code --accept}. */
  public Running underTine(String accept, int workers, int workMicros) throws IOException {
    int port = Ports.free();
    return Running.tine(
        List.of("--warmup-requests", "3000", "--accept", accept),
        workers,
        command(port, workMicros),
        port);
  }

  /** Serves. */
  public static void main(String[] args) throws Exception {
    workNanos = Long.parseLong(args[2]) * 1000;
    Logger.getLogger("").setLevel(Level.WARNING);
    valueOf(args[0]).start(Integer.parseInt(args[1]));
  }

  /** As on a command line: {@code netty-nio}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Who answers, after the work that a request is. */
  static byte[] page() {
    long end = System.nanoTime() + workNanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    try {
      // Not ProcessHandle.current(): what is compiled remembers the pid of the program that booted.
      return Files.readSymbolicLink(SELF).toString().getBytes(US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class PidServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] page = page();
      response.setContentLength(page.length);
      response.getOutputStream().write(page);
    }
  }

  private static final class PidHandler extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      byte[] page = page();
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, page.length);
      response.write(true, ByteBuffer.wrap(page), callback);
      return true;
    }
  }
}
