package dev.tine.examples.hello;

import dev.tine.prefork.Prefork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small HTTP server: binds once, forks, and serves from every worker. */
public final class HelloPrefork {
  private static final int BACKLOG = 1024;
  private static final String USAGE =
      """
      usage: hello-prefork [--listen HOST:PORT] [--workers N]
        --listen HOST:PORT   address to serve on (default 127.0.0.1:8080)
        --workers N          number of worker processes, 1 to 1024 (default 2)
        --help               this text\
      """;

  private HelloPrefork() {}

  /** Serves until a signal stops it. */
  public static void main(String[] args) throws IOException {
    InetSocketAddress address = address("127.0.0.1:8080");
    int workers = 2;
    try {
      for (int i = 0; i < args.length; i += 2) {
        String value = i + 1 < args.length ? args[i + 1] : "";
        switch (args[i]) {
          case "--help" -> {
            System.out.println(USAGE);
            return;
          }
          case "--listen" -> address = address(value);
          case "--workers" -> workers = number("--workers", value, 1, 1024);
          default -> throw new IllegalArgumentException("unknown option " + args[i]);
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.println("hello-prefork: " + e.getMessage() + "\n" + USAGE);
      System.exit(2);
    }

    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(address, BACKLOG);
    } catch (IOException e) {
      System.err.printf("hello-prefork: cannot listen on %s: %s%n", text(address), e.getMessage());
      System.exit(1);
    }
    // No thread that serves may exist yet: it would go on in the monitor as well.
    ProcessTable.printWhenReady((InetSocketAddress) listener.getLocalAddress(), workers);

    int id = Prefork.forkProcesses(workers);

    new HttpServer(listener, "hello from worker " + id + ", pid " + ownPid() + "\n").serve();
  }

  /** The pid by the kernel: ProcessHandle.current() may have remembered the one before the fork. */
  static long ownPid() throws IOException {
    return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/self")).toString());
  }

  /** HOST:PORT as in a URL. */
  static String text(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("--listen wants HOST:PORT, not '" + text + "'");
    }
    int port = number("the port of --listen", text.substring(colon + 1), 0, 65535);
    var address = new InetSocketAddress(text.substring(0, colon).replaceAll("[\\[\\]]", ""), port);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("--listen " + text + ": unknown host");
    }
    return address;
  }

  private static int number(String name, String text, int min, int max) {
    if (!text.matches("[0-9]{1,5}")
        || Integer.parseInt(text) < min
        || Integer.parseInt(text) > max) {
      throw new IllegalArgumentException(
          "%s wants a number from %d to %d, not '%s'".formatted(name, min, max, text));
    }
    return Integer.parseInt(text);
  }
}
