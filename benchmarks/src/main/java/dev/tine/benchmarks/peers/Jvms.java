package dev.tine.benchmarks.peers;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Plain JVMs: one at the port, or several behind HAProxy. As a service manager would, this class
 * starts a JVM anew at once when it was killed.
 */
final class Jvms implements Service {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(15);
  private static final long POLL_NANOS = 20_000_000;

  private final IntFunction<List<String>> command;
  private final int port;
  private final List<Integer> ports;
  private final List<Family> jvms = new CopyOnWriteArrayList<>(); // clients look at it meanwhile
  private final Optional<Proxy> proxy;

  /** One is dead and its successor not started yet: a JVM alone is not gone for good then. */
  private volatile boolean isRestarting;

  /** HAProxy, and its files. */
  private record Proxy(Family family, Path folder, Path socket) {}

  /** Starts one JVM for each of {@code ports}; they are behind HAProxy if there are several. */
  Jvms(IntFunction<List<String>> command, int port, List<Integer> ports) throws IOException {
    this.command = command;
    this.port = port;
    this.ports = List.copyOf(ports);
    try {
      for (int each : ports) {
        jvms.add(Family.start(command.apply(each)));
      }
      proxy = ports.size() == 1 ? Optional.empty() : Optional.of(startProxy());
    } catch (IOException | RuntimeException e) {
      jvms.forEach(Family::close);
      throw e;
    }
  }

  private Proxy startProxy() throws IOException {
    Path folder = Files.createTempDirectory("tine-haproxy-");
    Path socket = folder.resolve("admin");
    var text =
        new StringBuilder(
            """
            global
              nbthread 2
              stats socket %s mode 600 level admin
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              option redispatch
              retries 3
            frontend shop
              bind 127.0.0.1:%d
              default_backend jvms
            backend jvms
              balance roundrobin
              option httpchk GET /health
              default-server check inter 200ms fall 2 rise 1
            """
                .formatted(socket, port));
    for (int i = 0; i < ports.size(); i++) {
      text.append("  server j%d 127.0.0.1:%d%n".formatted(i, ports.get(i)));
    }
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
    return new Proxy(
        Family.start(
            List.of(Programs.find("haproxy").orElseThrow(), "-db", "-q", "-f", file.toString())),
        folder,
        socket);
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public boolean isAlive() {
    return proxy.map(it -> it.family.isAlive()).orElse(true)
        && (isRestarting || jvms.stream().anyMatch(Family::isAlive));
  }

  @Override
  public String tail() {
    return jvms.getFirst().tail();
  }

  @Override
  public double pssMegabytes() throws IOException {
    double sum = 0;
    for (Family jvm : jvms) {
      sum += jvm.pssMegabytes();
    }
    return proxy.isPresent() ? sum + proxy.get().family.pssMegabytes() : sum;
  }

  @Override
  public void kill(long worker) throws IOException {
    for (int i = 0; i < jvms.size(); i++) {
      if (jvms.get(i).pid() == worker) {
        isRestarting = true; // before: a client that found nobody alive would give up
        ProcessHandle.of(worker).ifPresent(ProcessHandle::destroyForcibly);
        restart(i);
        return;
      }
    }
    throw new IOException("none of its JVMs: " + worker);
  }

  private void restart(int index) throws IOException {
    isRestarting = true;
    try {
      jvms.get(index).close();
      jvms.set(index, Family.start(command.apply(ports.get(index))));
    } finally {
      isRestarting = false;
    }
  }

  /** One after the other; of one alone, a restart, with nobody to serve meanwhile. */
  @Override
  public void reload() throws IOException {
    for (int i = 0; i < jvms.size(); i++) {
      if (proxy.isPresent()) {
        tell("set server jvms/j" + i + " state drain");
        awaitIdle(i);
      }
      restart(i);
      Probe.first(new At(ports.get(i), jvms.get(i)));
      if (proxy.isPresent()) {
        tell("set server jvms/j" + i + " state ready");
        awaitUp(i);
      }
    }
  }

  private void awaitIdle(int index) throws IOException {
    long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
    while (!field(index, 4).equals("0") && System.nanoTime() < deadline) { // scur
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private void awaitUp(int index) throws IOException {
    long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
    while (!field(index, 17).startsWith("UP") && System.nanoTime() < deadline) { // status
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private String field(int index, int column) throws IOException {
    String wanted = "jvms,j" + index + ",";
    return tell("show stat")
        .lines()
        .filter(line -> line.startsWith(wanted))
        .map(line -> line.split(",", -1)[column])
        .findFirst()
        .orElseThrow(() -> new IOException("HAProxy does not know " + wanted));
  }

  private String tell(String line) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(proxy.orElseThrow().socket));
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Override
  public void close() {
    jvms.forEach(Family::close);
    proxy.ifPresent(it -> {
      it.family.close();
      try {
        Files.deleteIfExists(it.socket);
        Files.deleteIfExists(it.folder.resolve("haproxy.cfg"));
        Files.deleteIfExists(it.folder);
      } catch (IOException e) {
        System.err.println("cannot delete " + it.folder + ": " + e);
      }
    });
  }

  /** One of the JVMs at its own port. */
  private record At(int port, Family jvm) implements Answering {
    @Override
    public boolean isAlive() {
      return jvm.isAlive();
    }

    @Override
    public String tail() {
      return jvm.tail();
    }
  }
}
