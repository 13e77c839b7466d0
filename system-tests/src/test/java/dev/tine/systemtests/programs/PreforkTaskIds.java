package dev.tine.systemtests.programs;

import dev.tine.prefork.Prefork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;

/**
 * The programs of Tornado's {@code TestMultiprocess}, which print task ids. The argument says how
 * they listen.
 */
public final class PreforkTaskIds {
  private static final int PROCESSES = 3;

  private PreforkTaskIds() {}

  static void main(String[] args) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      switch (args[0]) {
        case "single" -> {
          Program.check(Prefork.taskId().isEmpty(), "task id %s", Prefork.taskId());
          listen(listener);
          System.out.print("012");
          System.out.flush();
          return;
        }
        case "listen before the fork" -> {
          listen(listener);
          Prefork.forkProcesses(PROCESSES);
        }
        case "listen after the fork" -> {
          Prefork.forkProcesses(PROCESSES);
          listen(listener);
        }
        default -> throw new IllegalArgumentException(args[0]);
      }
      System.out.print(Prefork.taskId().orElseThrow());
      System.out.flush();
    }
  }

  private static void listen(ServerSocketChannel listener) throws IOException {
    listener.configureBlocking(false);
    Selector selector = Selector.open();
    listener.register(selector, SelectionKey.OP_ACCEPT);
    selector.selectNow();
  }
}
