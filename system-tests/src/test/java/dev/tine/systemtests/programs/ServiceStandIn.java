package dev.tine.systemtests.programs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tine.sys.Environ;
import dev.tine.sys.FileCall;
import dev.tine.sys.SpawnCall;
import dev.tine.sys.SpawnOutcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * systemd's side of its protocols with a service: opens a listening socket, starts the service with
 * it, and prints what the service says at the notify socket.
 *
 * <p>Arguments: a port, the notify socket, and the command of the service. Each line of standard
 * input starts the service; its end is printed.
 */
public final class ServiceStandIn {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int STREAM = 1;
  private static final int DATAGRAM = 2;
  private static final int CLOSE_ON_EXEC = 0x80000;

  private ServiceStandIn() {}

  /** See the class. */
  public static void main(String[] arguments) throws IOException {
    int listener = listener(Integer.parseInt(arguments[0]));
    int notify = notifySocket(arguments[1]);
    Thread.ofPlatform().daemon().start(() -> print(notify));
    List<String> command = List.of(arguments).subList(2, arguments.length);
    System.out.println("stand-in ready");
    var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    while (in.readLine() != null) {
      start(listener, arguments[1], command);
    }
  }

  private static int listener(int port) throws IOException {
    byte[] address = new byte[16];
    ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).putShort((short) AF_INET);
    ByteBuffer.wrap(address).putShort(2, (short) port).put(4, new byte[] {127, 0, 0, 1});
    int fd = bound(AF_INET, STREAM, address);
    check("listen", Libc.call("listen", fd, 50));
    return fd;
  }

  private static int notifySocket(String name) throws IOException {
    byte[] text = name.getBytes(UTF_8);
    byte[] address = new byte[Short.BYTES + text.length];
    ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).putShort((short) AF_UNIX).put(text);
    if (text[0] == '@') {
      address[2] = 0;
    }
    return bound(AF_UNIX, DATAGRAM, address);
  }

  private static int bound(int family, int type, byte[] address) throws IOException {
    int fd = check("socket", Libc.call("socket", family, type | CLOSE_ON_EXEC, 0));
    MemorySegment bytes = Libc.memory(address.length);
    bytes.copyFrom(MemorySegment.ofArray(address));
    check("bind", Libc.call("bind", fd, bytes, address.length));
    return fd;
  }

  private static int check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + " failed");
    }
    return result;
  }

  private static void print(int fd) {
    MemorySegment message = Libc.memory(4096);
    while (true) {
      int n = (int) FileCall.read(fd, message, message.byteSize());
      if (n > 0) {
        byte[] bytes = message.asSlice(0, n).toArray(JAVA_BYTE);
        System.out.println("notify " + new String(bytes, UTF_8).replace('\n', ' '));
      }
    }
  }

  private static void start(int listener, String notify, List<String> command) {
    List<byte[]> words = new ArrayList<>();
    // Its pid is known in the process itself only; exec keeps it.
    for (String word : List.of("sh", "-c", "LISTEN_PID=$$ WATCHDOG_PID=$$ exec \"$@\"", "sh")) {
      words.add(word.getBytes(UTF_8));
    }
    command.forEach(word -> words.add(word.getBytes(UTF_8)));
    List<byte[]> environment = new ArrayList<>(Environ.entries());
    for (String entry :
        List.of(
            "LISTEN_FDS=1",
            "LISTEN_FDNAMES=web",
            "WATCHDOG_USEC=1000000",
            "NOTIFY_SOCKET=" + notify)) {
      environment.add(entry.getBytes(UTF_8));
    }
    SpawnOutcome outcome =
        new SpawnCall(words.getFirst(), words)
            .environment(environment)
            .place(2, 1)
            .place(2, 2)
            .place(listener, 3)
            .start();
    if (!(outcome instanceof SpawnOutcome.Started started)) {
      throw new IllegalStateException(outcome.toString());
    }
    System.out.println("service " + started.pid());
    var _ =
        ProcessHandle.of(started.pid())
            .orElseThrow()
            .onExit()
            .thenRun(() -> System.out.println("ended " + started.pid()));
  }
}
