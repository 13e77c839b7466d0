package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A connection to a {@link dev.tine.systemtests.programs.Greeter}, which sends its pid. */
public final class Greeting implements AutoCloseable {
  private static final int LIMIT_MS = (int) TestJvm.LIMIT.toMillis();
  private static final int LISTENS = 0x0a;

  private final Socket socket = new Socket();

  /** Connects, which does not mean that anybody has accepted. */
  public Greeting(InetAddress address, int port) throws IOException {
    try {
      socket.setSoTimeout(LIMIT_MS);
      socket.connect(new InetSocketAddress(address, port), LIMIT_MS);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Waits for it; the pid of who has answered. */
  public long pid() throws IOException {
    InputStream in = socket.getInputStream();
    return number(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
  }

  private static long number(String text) throws EOFException {
    if (text.isEmpty()) {
      throw new EOFException("no answer");
    }
    return Long.parseLong(text);
  }

  /** Connects, and waits for the answer. */
  public static long from(InetAddress address, int port) throws IOException {
    try (var greeting = new Greeting(address, port)) {
      return greeting.pid();
    }
  }

  /** The same with a UNIX socket. */
  public static long from(Path path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      ByteBuffer buffer = ByteBuffer.allocate(32);
      while (channel.read(buffer) >= 0) {
        assertThat(buffer.hasRemaining()).isTrue();
      }
      return number(new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII));
    }
  }

  /** Connects to somebody. */
  public interface Source {
    /** The pid of who has answered. */
    long greet() throws IOException;
  }

  /** Connects again and again until so many processes have answered: how often each. */
  public static Map<Long, Integer> ofAll(int processes, Source source) throws IOException {
    Map<Long, Integer> answers = new TreeMap<>();
    for (int i = 0; i < 5000 && answers.size() < processes; i++) {
      answers.merge(source.greet(), 1, Integer::sum);
    }
    assertThat(answers).as("processes that answer").hasSize(processes);
    return answers;
  }

  /** How many connections wait to be accepted at a port, in all sockets that listen there. */
  public static int waiting(int port) throws IOException {
    int all = 0;
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        all += lines.skip(1).mapToInt(line -> waiting(line, port)).sum();
      }
    }
    return all;
  }

  private static int waiting(String line, int port) {
    String[] fields = line.strip().split("\\s+", -1);
    int local = Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16);
    boolean isListener = Integer.parseInt(fields[3], 16) == LISTENS && local == port;
    return isListener ? Integer.parseInt(fields[4].substring(fields[4].indexOf(':') + 1), 16) : 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
