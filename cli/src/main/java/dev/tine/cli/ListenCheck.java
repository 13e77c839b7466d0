package dev.tine.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Whether an address can be listened on, asked before a program is started that would only say that
 * it cannot. The address may be taken in between; then the program says so.
 */
final class ListenCheck {
  private static final String USE_OWN = "use an address of this machine, for example 127.0.0.1";

  private ListenCheck() {}

  static void requireFree(ListenAddress address) throws CommandFailedException {
    var socketAddress = new InetSocketAddress(address.hostWithoutBrackets(), address.port());
    if (socketAddress.isUnresolved()) {
      throw new CommandFailedException(
          "cannot listen on %s: no such host is known here; %s".formatted(address, USE_OWN));
    }
    try (var socket = new ServerSocket()) {
      // As servers do: connections of a server that has just ended do not make the port busy.
      socket.setReuseAddress(true);
      socket.bind(socketAddress);
    } catch (IOException e) {
      throw new CommandFailedException(
          "cannot listen on %s: %s"
              .formatted(address, reasonAndCure(String.valueOf(e.getMessage()))),
          e);
    }
  }

  private static String reasonAndCure(String reason) {
    if (reason.contains("in use")) {
      return "the port is in use; stop what listens there ('ss -ltnp' shows it), or choose another"
          + " port with --listen";
    }
    if (reason.startsWith("Permission denied")) {
      return "ports below 1024 need a privilege; choose another with --listen";
    }
    return reason + "; " + USE_OWN;
  }
}
