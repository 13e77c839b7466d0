package dev.tine.benchmarks.client;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback address. */
public final class Ports {
  private static final int FIRST = 12_000;
  private static final int END = 32_000;
  private static final int TRIES = 100;

  private Ports() {}

  /**
   * One that nobody listens at; another program could take it. It is below those that the kernel
   * gives to clients: one of them that asks again and again whether somebody listens already would
   * be given the very port some time, and be connected to itself.
   */
  public static int free() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Taken: the next.
      }
    }
    throw new IOException("%d ports from %d to %d are taken".formatted(TRIES, FIRST, END - 1));
  }
}
