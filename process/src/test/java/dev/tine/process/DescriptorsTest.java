package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static dev.tine.process.Stdio.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.sys.FileCall;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Descriptors: who has which, and that none is left over. With the behaviours of CPython's
 * test_subprocess.py (close_fds, pass_fds, swap_fds, pipe_cloexec) and the JDK's FDLeaks, CloseRace
 * and PipesCloseOnExecTest.
 */
final class DescriptorsTest {

  @Test
  void shouldHandDownNothingButWhatIsAskedFor() throws Exception {
    Process neighbour = new ProcessBuilder("cat").start(); // its pipes are open here
    FileCall.Pipe pipe = FileCall.pipe();
    try (Subprocess open = Command.of("cat").stdin(STREAM).stdout(STREAM).start()) {
      // 3 is ls's own.
      assertThat(shell("exec ls /proc/self/fd").run().stdout().lines())
          .containsExactlyInAnyOrder("0", "1", "2", "3");
      assertThat(
              shell("exec ls /proc/self/fd")
                  .descriptor(9, Stdio.descriptor(pipe.readFd()))
                  .descriptor(40, Stdio.DISCARD)
                  .run()
                  .stdout()
                  .lines())
          .containsExactlyInAnyOrder("0", "1", "2", "3", "9", "40");
      assertThat(open.isAlive()).isTrue();
    } finally {
      FileCall.close(pipe.readFd());
      FileCall.close(pipe.writeFd());
      neighbour.destroy();
      neighbour.waitFor();
    }
  }

  @Test
  void shouldSwapDescriptors() throws Exception {
    FileCall.Pipe a = FileCall.pipe();
    FileCall.Pipe b = FileCall.pipe();
    Command swapped =
        shell("echo a >/proc/self/fd/" + a.writeFd() + "; echo b >/proc/self/fd/" + b.writeFd())
            .descriptor(a.writeFd(), Stdio.descriptor(b.writeFd()))
            .descriptor(b.writeFd(), Stdio.descriptor(a.writeFd()));

    swapped.run();

    FileCall.close(a.writeFd());
    FileCall.close(b.writeFd());
    assertThat(read(a)).isEqualTo("b\n");
    assertThat(read(b)).isEqualTo("a\n");
  }

  @Test
  void shouldNotMakeADescriptorOfOthersNonBlocking() throws Exception {
    FileCall.Pipe pipe = FileCall.pipe();
    shell("true").descriptor(5, Stdio.descriptor(pipe.readFd())).run();

    assertThat(flags(pipe.readFd()) & 04000).isZero();
    assertThat(shell("grep ^flags /proc/self/fdinfo/1").run().text()).matches("flags:\\s+01\n");
    FileCall.close(pipe.readFd());
    FileCall.close(pipe.writeFd());
  }

  @Test
  void shouldNotKeepThePipesOfProcessBuilderOpen() throws Exception {
    // While one thread starts and ends processes of the JDK, others are started that go on.
    List<Subprocess> longLived = new ArrayList<>();
    AtomicBoolean enough = new AtomicBoolean();
    Thread starter =
        Thread.ofPlatform()
            .start(() -> {
              while (!enough.get() && longLived.size() < 200) {
                longLived.add(Command.of("sleep", "1000").start());
              }
            });
    for (int i = 0; i < 20; i++) {
      Process process = new ProcessBuilder("echo", "x").start();
      try (BufferedReader reader = process.inputReader()) {
        assertThat(reader.readLine()).isEqualTo("x");
        assertThat(reader.readLine()).isNull(); // would wait for 1000 s
      }
      assertThat(process.waitFor()).isZero();
    }
    enough.set(true);
    starter.join();
    longLived.forEach(p -> p.stop(Escalation.KILL));
    longLived.forEach(Subprocess::close);
  }

  @Test
  void shouldLeaveNothingAfterFailures() throws Exception {
    Command missing = Command.of("/no/program").stdin(STREAM).stdout(STREAM).stderr(STREAM);
    assertThatThrownBy(missing::start).isInstanceOf(SpawnException.class);
    Set<String> before = descriptors();

    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(missing::start).isInstanceOf(SpawnException.class);
      assertThatThrownBy(missing.stdin(Stdio.from(Path.of("/no/file")))::start)
          .isInstanceOf(SpawnException.class);
      assertThatThrownBy(() -> Command.of("true").directory(Path.of("/no")).startOnTerminal(1, 1))
          .isInstanceOf(SpawnException.class);
    }

    assertThat(descriptors()).isEqualTo(before);
    assertThat(ProcessHandle.current().children()).isEmpty();
  }

  @Test
  void shouldLeaveNothingOfUnreadOutput() throws Exception {
    get(shell("true").start().exit());
    Set<String> before = descriptors();

    for (int i = 0; i < 50; i++) {
      try (Subprocess p = shell("echo x").stdin(STREAM).stdout(STREAM).stderr(STREAM).start()) {
        get(p.exit());
      }
      Pipeline.of(Command.of("echo", "x"), Command.of("cat")).run();
      shell("echo y").startOnTerminal(10, 10).close();
    }

    assertThat(descriptors()).isEqualTo(before);
  }

  @Test
  void shouldNotMixUpDescriptorsThatAreClosedWhileOthersAreOpened() throws Exception {
    Random random = new Random(7);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      boolean patient = random.nextBoolean();
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  for (int i = 0; i < 100; i++) {
                    try (Subprocess p = Command.of("cat").stdin(STREAM).stdout(STREAM).start()) {
                      var read = p.stdout().readUntil("\n");
                      get(p.stdin().write("x" + i + "\n"));
                      if (patient || i % 2 == 0) {
                        assertThat(text(read)).isEqualTo("x" + i + "\n");
                      }
                    }
                  }
                } catch (Throwable e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(failures).isEmpty();
  }

  private static int flags(int fd) throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
      if (line.startsWith("flags:")) {
        return Integer.parseInt(line.substring(6).strip(), 8);
      }
    }
    throw new AssertionError("no flags");
  }

  private static String read(FileCall.Pipe pipe) throws Exception {
    EventLoop loop = EventLoop.open("read");
    FileCall.setBlocking(pipe.readFd(), false);
    try (ReadStream stream =
        new ReadStream(loop, "pipe", pipe.readFd(), ReadStream.MAX_BUFFER_BYTES)) {
      return text(stream.readUntilClose());
    } finally {
      loop.close();
    }
  }

  /** Without the one that the list is read by, which is gone when it is asked for. */
  private static Set<String> descriptors() throws Exception {
    Set<String> open = new TreeSet<>();
    List<Path> links;
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      links = list.toList();
    }
    for (Path link : links) {
      if (Files.isSymbolicLink(link)) {
        open.add(link.getFileName().toString());
      }
    }
    return open;
  }
}
