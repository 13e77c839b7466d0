package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Greeting;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.programs.Greeter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program under {@code tine run} listens at, and who gets its connections. */
@Timeout(120)
class RunListenersTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final Signal STOP = new Signal(19);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "blocking, auto, shared",
    "polling, auto, per-worker",
    "polling, shared, shared",
    "blocking, per-worker, per-worker",
    "shares, per-worker, shared"
  })
  void shouldServeFromAllWorkers(String how, String accept, String used) throws IOException {
    int port = RunJvm.freePort();
    try (RunJvm run = start(3, accept, port, how, "127.0.0.1", Integer.toString(port))) {
      run.monitor().awaitErrorLine("tine: listening address=127.0.0.1:" + port + " accept=" + used);
      List<Long> pids = new ArrayList<>(run.awaitWorkers(3));
      assertThat(greetings(run, 3)).containsExactlyInAnyOrderElementsOf(pids);
      replace(run, pids, 1);
      assertThat(greetings(run, 3)).containsExactlyInAnyOrderElementsOf(pids);
      run.stop();
    }
    assertThatThrownBy(() -> Greeting.from(LOOPBACK, port)).isInstanceOf(ConnectException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocking", "polling"})
  void shouldLetASuccessorAnswerWhatWaitedForADeadWorker(String how) throws IOException {
    int port = RunJvm.freePort();
    try (RunJvm run = start(3, "per-worker", port, how, "127.0.0.1", Integer.toString(port))) {
      List<Long> pids = new ArrayList<>(run.awaitWorkers(3));
      long dead = pids.get(1);
      Kill.process(dead, STOP);
      List<Greeting> waiting = connectUntilWaiting(port, 5);
      replace(run, pids, 1);
      Set<Long> answers = pidsOf(waiting);
      assertThat(answers).contains(pids.get(1)).doesNotContain(dead).isSubsetOf(pids);
      assertThat(greetings(run, 3)).containsExactlyInAnyOrderElementsOf(pids);
      run.stop();
    }
  }

  @Test
  void shouldGiveNothingToAWorkerThatHasNoSuccessorYet() throws IOException {
    int port = RunJvm.freePort();
    try (RunJvm run =
        start(2, "per-worker", port, "blocking", "127.0.0.1", Integer.toString(port))) {
      List<Long> pids = run.awaitWorkers(2);
      long mold = mold(run);
      Kill.process(mold, STOP);
      Kill.process(pids.get(1), Signal.KILL);
      run.monitor().awaitErrorLine(".*worker-exit id=1 .*SIGKILL.*");
      for (int i = 0; i < 50; i++) {
        assertThat(Greeting.from(LOOPBACK, port)).isEqualTo(pids.getFirst());
      }
      Kill.process(mold, Signal.CONT);
      run.awaitWorker(1);
      greetings(run, 2);
      run.stop();
    }
  }

  @Test
  void shouldLetAWorkerThatHasToGoAcceptWhatWaitsForIt() throws IOException {
    int port = RunJvm.freePort();
    try (RunJvm run =
        start(3, "per-worker", port, "polling", "127.0.0.1", Integer.toString(port))) {
      List<Long> pids = run.awaitWorkers(3);
      Kill.process(pids.get(2), STOP);
      List<Greeting> waiting = connectUntilWaiting(port, 5);
      run.tine(0, "scale", "2");
      for (int i = 0; i < 50; i++) {
        assertThat(Greeting.from(LOOPBACK, port)).isIn(pids.subList(0, 2));
      }
      Kill.process(pids.get(2), Signal.CONT);
      assertThat(pidsOf(waiting)).contains(pids.get(2)).isSubsetOf(pids);
      run.monitor().awaitErrorLine(".*worker-exit id=2 .*status 143.*");
      run.tine(0, "scale", "4");
      run.awaitWorker(2);
      run.awaitWorker(3);
      greetings(run, 4);
      run.stop();
    }
  }

  /** What waits there is not to wait for ever. */
  @Test
  void shouldMakeAWorkerAgainForWhatOneHasLeftThatIsNotReplaced() throws IOException {
    int port = RunJvm.freePort();
    try (RunJvm run =
        start(3, "per-worker", port, "blocking", "127.0.0.1", Integer.toString(port))) {
      List<Long> pids = new ArrayList<>(run.awaitWorkers(3));
      Kill.process(pids.get(2), STOP);
      List<Greeting> waiting = connectUntilWaiting(port, 5);
      run.tine(0, "scale", "2");
      replace(run, pids, 2);
      assertThat(pidsOf(waiting)).contains(pids.get(2)).isSubsetOf(pids);
      run.monitor().awaitErrorLine(".*worker-exit id=2 pid=" + pids.get(2) + " .*status 143.*");
      assertThat(greetings(run, 2)).containsExactlyInAnyOrderElementsOf(pids.subList(0, 2));
      run.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shared", "per-worker"})
  void shouldNotListenBesideAnotherMonitor(String accept) throws IOException {
    int port = RunJvm.freePort();
    String[] program = {"polling", "127.0.0.1", Integer.toString(port)};
    try (RunJvm run = start(2, accept, port, program)) {
      run.awaitWorkers(2);
      try (RunJvm other = start(2, accept, port, program)) {
        other.monitor().awaitErrorLine(".*java.net.BindException: Address already in use.*");
        other.expectExit(1);
      }
      greetings(run, 2);
      run.stop();
    }
  }

  @Test
  void shouldServeAtAUnixSocket() throws IOException {
    Path socket = directory.resolve("greeter.sock");
    try (RunJvm run = start(3, "auto", 0, "blocking", socket.toString())) {
      List<Long> pids = new ArrayList<>(run.awaitWorkers(3));
      assertThat(Greeting.ofAll(3, () -> Greeting.from(socket))).containsOnlyKeys(pids);
      replace(run, pids, 0);
      assertThat(Greeting.ofAll(3, () -> Greeting.from(socket))).containsOnlyKeys(pids);
      run.stop();
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void shouldServeAtAUnixSocketAndAPort() throws IOException {
    int port = RunJvm.freePort();
    Path socket = directory.resolve("greeter.sock");
    String[] program = {"polling", socket.toString(), "127.0.0.1", Integer.toString(port)};
    try (RunJvm run = start(2, "per-worker", port, program)) {
      List<Long> pids = run.awaitWorkers(2);
      assertThat(greetings(run, 2)).containsExactlyInAnyOrderElementsOf(pids);
      assertThat(pids).contains(Greeting.from(socket));
      run.stop();
    }
  }

  @Test
  void shouldTakeOverTheNamedAddressOnly() throws IOException {
    int shared = RunJvm.freePort();
    int own = RunJvm.freePort();
    List<String> options =
        List.of("--workers", "2", "--warmup-requests", "0", "--listen", "127.0.0.1:" + shared);
    List<String> program =
        command(
            "blocking", "127.0.0.1", Integer.toString(shared), "127.0.0.1", Integer.toString(own));
    try (RunJvm run = RunJvm.start(options, program, shared)) {
      run.monitor().awaitErrorLine("tine: ready .* listening=127.0.0.1:" + shared);
      List<Long> pids = run.awaitWorkers(2);
      assertThat(greetings(run, 2)).containsExactlyInAnyOrderElementsOf(pids);
      // It was the program's, is inherited, and is not the monitor's.
      assertThat(sockets(run.monitor().pid(), own)).isEmpty();
      run.stop();
    }
  }

  @Test
  void shouldServeAtAddressesOfBothFamilies() throws IOException {
    assumeTrue(hasIpv6(), "there is IPv6");
    InetAddress six = InetAddress.ofLiteral("::1");
    for (String accept : List.of("shared", "per-worker")) {
      int port = RunJvm.freePort();
      try (RunJvm run = start(2, accept, port, "polling", "::", Integer.toString(port))) {
        List<Long> pids = run.awaitWorkers(2);
        assertThat(greetings(run, 2)).containsExactlyInAnyOrderElementsOf(pids);
        assertThat(Greeting.ofAll(2, () -> Greeting.from(six, port))).containsOnlyKeys(pids);
        run.stop();
      }
      try (RunJvm run = start(2, accept, port, "polling", "::1", Integer.toString(port))) {
        List<Long> pids = run.awaitWorkers(2);
        assertThat(Greeting.ofAll(2, () -> Greeting.from(six, port))).containsOnlyKeys(pids);
        assertThatThrownBy(() -> Greeting.from(LOOPBACK, port))
            .isInstanceOf(ConnectException.class);
        run.stop();
      }
    }
  }

  /** The program is started without the right to ports below 1024. */
  @Test
  void shouldTellTheProgramThatItMayNotListenThere() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "who can have a network of its own");
    try (RunJvm run =
        RunJvm.start(
            // A network of its own has its own limit, which is 1024.
            List.of("unshare", "--net", "setpriv", "--bounding-set=-net_bind_service"),
            List.of("--workers", "1"),
            command("blocking", "0.0.0.0", "1"),
            1)) {
      run.monitor().awaitErrorLine(".*java.net.(Bind|Socket)Exception: Permission denied.*");
      run.expectExit(1);
    }
  }

  /** The mode belongs to the real socket, which workers of both have. */
  @ParameterizedTest
  @CsvSource({
    "blocking, polling, shared",
    "polling, blocking, shared",
    "blocking, polling, per-worker",
    "polling, blocking, per-worker"
  })
  void shouldServeThoughGenerationsWaitInOtherWays(String before, String after, String accept)
      throws IOException {
    Path mode = Files.writeString(directory.resolve("mode"), before);
    int port = RunJvm.freePort();
    int other = RunJvm.freePort();
    String[] program = {
      mode.toString(), "127.0.0.1", Integer.toString(port), "127.0.0.1", Integer.toString(other)
    };
    try (RunJvm run = start(3, accept, port, program)) {
      List<Long> pids = new ArrayList<>(run.awaitWorkers(3));
      greetings(run, 3);
      Files.writeString(mode, after);
      Kill.process(mold(run), Signal.KILL);
      run.monitor().awaitErrorLine("tine: frozen gen=2 .*");
      replace(run, pids, 0); // by one of the second generation
      for (int i = 0; i < 20; i++) {
        assertThat(pidsOf(connect(port, 20))).isSubsetOf(pids);
      }
      // All of them have found nothing more at the first port by now, and must not wait there.
      assertThat(Greeting.ofAll(3, () -> Greeting.from(LOOPBACK, other)).keySet())
          .containsExactlyInAnyOrderElementsOf(pids);
      replace(run, pids, 2);
      assertThat(greetings(run, 3)).containsExactlyInAnyOrderElementsOf(pids);
      run.stop();
    }
  }

  private static RunJvm start(int workers, String accept, int port, String... program) {
    List<String> options =
        List.of(
            "--workers",
            Integer.toString(workers),
            "--accept",
            accept,
            "--warmup-requests",
            "0"); // it speaks no HTTP
    return RunJvm.start(options, command(program), port);
  }

  private static List<String> command(String... program) {
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.add(Greeter.class.getName());
    command.addAll(List.of(program));
    return command;
  }

  private static Set<Long> greetings(RunJvm run, int processes) throws IOException {
    return Greeting.ofAll(processes, () -> Greeting.from(LOOPBACK, run.port())).keySet();
  }

  private static List<Greeting> connect(int port, int count) throws IOException {
    List<Greeting> greetings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      greetings.add(new Greeting(LOOPBACK, port));
    }
    return greetings;
  }

  /** Connects until some of the connections wait for a worker that is stopped. */
  private static List<Greeting> connectUntilWaiting(int port, int count) throws IOException {
    List<Greeting> greetings = new ArrayList<>();
    while (Greeting.waiting(port) < count) {
      assertThat(greetings).hasSizeLessThan(500);
      greetings.add(new Greeting(LOOPBACK, port));
    }
    return greetings;
  }

  private static Set<Long> pidsOf(List<Greeting> greetings) throws IOException {
    Set<Long> pids = new HashSet<>();
    for (Greeting greeting : greetings) {
      try (greeting) {
        pids.add(greeting.pid());
      }
    }
    return pids;
  }

  /** Kills a worker; its successor takes its place in {@code pids}. */
  private static void replace(RunJvm run, List<Long> pids, int id) {
    long pid = pids.get(id);
    Kill.process(pid, Signal.KILL);
    run.monitor().awaitErrorLine(".*worker-exit id=" + id + " pid=" + pid + " .*SIGKILL.*");
    pids.set(id, run.awaitWorker(id));
  }

  private static long mold(RunJvm run) {
    return Proc.children(run.monitor().pid()).stream()
        .filter(pid -> Proc.title(pid).startsWith("tine: mold"))
        .findFirst()
        .orElseThrow();
  }

  /** Listening sockets of a process, at a port. */
  private static List<String> sockets(long pid, int port) throws IOException {
    Set<String> its = new HashSet<>(Proc.descriptors(pid).values());
    List<String> found = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields[1].endsWith(":%04X".formatted(port))
            && its.contains("socket:[" + fields[9] + "]")) {
          found.add(line);
        }
      }
    }
    return found;
  }

  private static boolean hasIpv6() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress());
  }
}
