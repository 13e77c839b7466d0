package dev.tine.benchmarks.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program under measurement: examples/spring-boot-shop.
 *
 * @param root of Tine's source tree
 * @param options of its JVM
 * @param historyMb how much it keeps in memory
 */
public record Program(Path root, List<String> options, int historyMb) {
  /** Copies the list. */
  public Program {
    options = List.copyOf(options);
  }

  /** The one in this source tree. */
  public static Program of(List<String> options, int historyMb) {
    return new Program(Path.of(System.getProperty("tine.benchmarks.root")), options, historyMb);
  }

  /** How to start it. */
  List<String> command(int port) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-jar");
    command.add(root.resolve("examples/spring-boot-shop/target/spring-boot-shop.jar").toString());
    command.add("--server.address=127.0.0.1");
    command.add("--server.port=" + port);
    command.add("--shop.history-mb=" + historyMb);
    return command;
  }

  /** A port that nobody listens at; another program could take it. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
