package dev.tine.testkit;

import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A child of a check, as its parent sees it: it connects when it is there, runs the code when it is
 * told, answers with a {@link Message}, and ends when the connection does.
 *
 * @param name for people
 */
record Child(String name, ForkedProcess process, Socket socket) implements AutoCloseable {
  private static final int GO = 1;

  /** The life of a child, in the child; does not return. */
  static void live(ServerSocket server, Inspection inspection) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
      server.close(); // or a parent that accepts no more would leave this waiting in the queue
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeLong(inspection.pid());
      out.flush();
      if (in.read() == GO) {
        inspection.runCode().write(out);
        var _ = in.read(); // looked at until then
      }
    } catch (IOException e) {
      // The parent has ended, or has given this child up.
    } finally {
      // Without shutdown hooks: they belong to the test's JVM.
      Runtime.getRuntime().halt(0);
    }
  }

  /** Waits for the connections of children, which come in any order; fewer if some do not come. */
  static List<Child> accept(List<ForkedProcess> processes, ServerSocket server, Duration limit)
      throws IOException {
    server.setSoTimeout((int) limit.toMillis());
    List<Child> children = new ArrayList<>();
    try {
      while (children.size() < processes.size()) {
        Socket socket = server.accept();
        socket.setSoTimeout((int) limit.toMillis());
        long pid = new DataInputStream(socket.getInputStream()).readLong();
        int index = processes.stream().map(ForkedProcess::pid).toList().indexOf(pid);
        if (index < 0) {
          socket.close(); // somebody else's
        } else {
          children.add(new Child(name(index), processes.get(index), socket));
        }
      }
    } catch (SocketTimeoutException e) {
      // The caller sees who is missing.
    }
    children.sort(Comparator.comparing(Child::name));
    return children;
  }

  /** What the child with an index is called. */
  static String name(int index) {
    return "child " + (index + 1);
  }

  void go() throws IOException {
    socket.getOutputStream().write(GO);
  }

  Message answer() throws IOException {
    return Message.read(new DataInputStream(socket.getInputStream()));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Waits for its end, and enforces it. */
  static void end(ForkedProcess process, Duration limit) throws InterruptedException {
    if (process.waitFor(limit).isEmpty()) {
      process.signal(Signal.KILL);
      var _ = process.waitFor();
    }
  }
}
