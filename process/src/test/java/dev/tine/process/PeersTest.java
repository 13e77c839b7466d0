package dev.tine.process;

import static dev.tine.process.Kit.bytes;
import static dev.tine.process.Kit.failure;
import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static dev.tine.process.Stdio.DISCARD;
import static dev.tine.process.Stdio.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the suites of other libraries check and no other test here does; each names its origin. */
final class PeersTest {
  private static final Command CAT = Command.of("cat").stdin(STREAM).stdout(STREAM);

  @TempDir Path directory;

  /** JDK, Basic.java: the pid that the child has of itself. */
  @Test
  void shouldKnowThePidThatTheProgramHas() {
    try (Subprocess p = shell("echo $$").stdout(STREAM).start()) {
      assertThat(text(p.stdout().readUntilClose())).isEqualTo(p.pid() + "\n");
    }
  }

  /** NuProcess, EnvironmentTest. */
  @Test
  void shouldHandDownTheEnvironmentThatProcessBuilderWould() throws Exception {
    Process process = new ProcessBuilder("/usr/bin/env").start();
    String expected;
    try (InputStream in = process.getInputStream()) {
      expected = new String(in.readAllBytes(), UTF_8);
    }
    assertThat(process.waitFor()).isZero();

    assertThat(Command.of("/usr/bin/env").run().stdout().lines())
        .containsExactlyInAnyOrderElementsOf(expected.lines().toList());
  }

  /** JDK, RedirectWithLongFilename. */
  @Test
  void shouldWriteToAFileWithALongName() throws Exception {
    Path deep = directory;
    for (int i = 0; i < 10; i++) {
      deep = deep.resolve("d".repeat(250));
    }
    Path file = Files.createDirectories(deep).resolve("f".repeat(255));

    Command.of("echo", "x").stdout(Stdio.to(file)).run();

    assertThat(file).hasContent("x\n");
  }

  /** JDK, Basic.java: bytes that are there can be counted. */
  @Test
  void shouldTellHowMuchCanBeReadWithoutWaiting() throws Exception {
    try (Subprocess p = shell("printf 12345; exec cat").stdin(STREAM).stdout(STREAM).start()) {
      InputStream in = p.stdout().asInputStream();
      get(p.stdout().readUntil("3"));

      assertThat(in.available()).isEqualTo(2);
      assertThat(in.readNBytes(2)).asString(UTF_8).isEqualTo("45");
      assertThat(in.available()).isZero();
    }
  }

  /** JDK, Basic.java: what remains of a shell that is killed does not hold up the close. */
  @Test
  void shouldCloseTheStreamsWhileAGrandchildHoldsThem() throws Exception {
    Subprocess p =
        shell("sleep 1000 & echo $!; wait").stdin(STREAM).stdout(STREAM).stderr(STREAM).start();
    long grandchild = Long.parseLong(text(p.stdout().readUntil("\n")).strip());
    CompletableFuture<byte[]> read = p.stderr().readBytes(1);

    p.signal(Signal.KILL);
    p.close();

    assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
    assertThat(failure(read)).isInstanceOf(StreamClosedException.class);
    ProcessHandle orphan = ProcessHandle.of(grandchild).orElseThrow();
    assertThat(orphan.isAlive()).isTrue();
    assertThat(orphan.destroyForcibly()).isTrue();
    get(orphan.onExit());
  }

  /** JDK, UnblockSignals: a JVM blocks SIGQUIT in some threads, its children do not. */
  @Test
  void shouldEndByAQuitSignal() {
    try (Subprocess p = CAT.limit(Resource.CORE, 0).start()) {
      assertThat(p.signal(Signal.QUIT)).isTrue();

      assertThat(get(p.exit()).returnCode()).isEqualTo(-3);
    }
  }

  /** JDK, Basic.java: INHERIT, of a process that itself was started. */
  @Test
  void shouldInheritTheStreamsOfItsParent() throws Exception {
    Result result = OtherJvm.command(Inheriting.class).stdin(Stdio.text("through two")).run();

    assertThat(result.text()).isEqualTo("through two");
    assertThat(result.stderr().text()).endsWith("complaint\n");
  }

  /** CPython, test_wait_when_sigchild_ignored: the kernel keeps no status then. */
  @Test
  void shouldEndItsWaitWhenChildSignalsAreIgnored() throws Exception {
    assertThat(OtherJvm.command(Unnoticed.class).run().text())
        .contains("ended in an unknown way", "SIGCHLD is ignored");
  }

  /** CPython, test_close_fds_when_max_fd_is_lowered. */
  @Test
  void shouldCloseDescriptorsBeyondTheLimitOfTheProgram() throws Exception {
    List<Subprocess> open = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      open.add(CAT.start());
    }

    assertThat(shell("exec ls /proc/self/fd").limit(Resource.DESCRIPTORS, 8).run().stdout().lines())
        .containsExactlyInAnyOrder("0", "1", "2", "3"); // 3 is ls's own
    open.forEach(Subprocess::close);
  }

  /** CPython, test_process_group_0. */
  @Test
  void shouldLeadItsOwnGroup() throws Exception {
    Command group = Command.of("cat", "/proc/self/stat").stdout(STREAM);

    assertThat(groupOf(group.ownGroup())).isEqualTo("leader");
    assertThat(groupOf(group)).isEqualTo("member");
  }

  /** tokio, issue_2174: who fills the pipe of a program that does not read is not stuck with it. */
  @Test
  void shouldFailABlockedWriteWhenTheProgramIsKilled() {
    try (Subprocess p = Command.of("sleep", "1000").stdin(STREAM).start()) {
      CompletableFuture<Void> write = p.stdin().write(bytes(1 << 20));
      assertThat(write).isNotDone();

      p.signal(Signal.KILL);

      assertThat(failure(write)).isInstanceOf(StreamClosedException.class);
      assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
    }
  }

  /** tokio, issue_7144: a tracer that steps in between gets the signals first. */
  @Test
  void shouldSeeTheEndOfATracedProgram() throws Exception {
    Path log = directory.resolve("strace");
    Command traced = Command.of("strace", "-D", "-o", log.toString(), "sh", "-c", "exit 7");
    assumeTrue(tracingIsAllowed(), "no strace, or no tracing");

    assertThat(traced.unchecked().run().status().returnCode()).isEqualTo(7);
  }

  /** libuv, spawn_stdout_and_stderr_to_file_swap. */
  @Test
  void shouldExchangeStdoutAndStderr() throws Exception {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");

    shell("(echo out; echo err >&2) 3>&1 1>&2 2>&3")
        .stdout(Stdio.to(out))
        .stderr(Stdio.to(err))
        .run();

    assertThat(out).hasContent("err\n");
    assertThat(err).hasContent("out\n");
  }

  /** anyio, test_close_with_stdout_blocked_subprocess. */
  @Test
  void shouldCloseAProgramThatIsBlockedByItsOutput() {
    Subprocess p = Command.of("yes").stdout(STREAM).start();
    get(p.stdout().readBytes(1));

    p.close();

    assertThat(p.exitStatus()).isPresent();
    assertThat(p.stdout().isClosed()).isTrue();
  }

  /** asyncio, test_stdin_not_inheritable. */
  @Test
  void shouldNotHoldTheInputOfAnEarlierSubprocess() {
    Subprocess first = CAT.start();
    try (Subprocess later = Command.of("sleep", "1000").stdout(DISCARD).start()) {
      first.stdin().close();

      assertThat(get(first.exit()).isSuccess()).isTrue();
      assertThat(later.isAlive()).isTrue();
    }
    first.close();
  }

  /** JDK, OnExitTest: the whole tree ends with its root when the root's pipe ends. */
  @Test
  void shouldEndATreeWithItsRoot() throws Exception {
    Subprocess root =
        shell("for i in 1 2 3; do (cat <&3 & cat <&3 & wait) & done 3<&0; echo up; wait")
            .ownGroup()
            .stdin(STREAM)
            .stdout(STREAM)
            .start();
    get(root.stdout().readUntil("up\n"));

    assertThat(root.signalGroup(Signal.KILL)).isTrue();

    assertThat(get(root.exit()).returnCode()).isEqualTo(-9);
    assertThat(text(root.stdout().readUntilClose())).isEmpty(); // nobody has it open any more
    root.close();
  }

  private static String groupOf(Command statOfItself) {
    try (Subprocess p = statOfItself.start()) {
      String afterName = text(p.stdout().readUntilClose()).replaceFirst(".*\\) ", "");
      return afterName.split(" ", 4)[2].equals(Long.toString(p.pid())) ? "leader" : "member";
    }
  }

  private static boolean tracingIsAllowed() throws InterruptedException {
    try {
      return Command.of("strace", "-o", "/dev/null", "true").unchecked().run().status().isSuccess();
    } catch (SpawnException e) {
      return false;
    }
  }

  /** A JVM whose subprocess has its streams. */
  static final class Inheriting {
    private Inheriting() {}

    /** Copies and complains by way of a program. */
    public static void main(String[] arguments) {
      Command copy =
          shell("cat; echo complaint >&2")
              .stdin(Stdio.INHERIT)
              .stdout(Stdio.INHERIT)
              .stderr(Stdio.INHERIT);
      try (Subprocess p = copy.start()) {
        System.exit(get(p.exit()).isSuccess() ? 0 : 1);
      }
    }
  }

  /** A JVM that ignores SIGCHLD. */
  static final class Unnoticed {
    private static final Linker LINKER = Linker.nativeLinker();

    @SuppressWarnings("restricted")
    private static final MethodHandle SIGNAL =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("signal"),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    private Unnoticed() {}

    /** Prints the end of a program. */
    public static void main(String[] arguments) throws Throwable {
      MemorySegment ignore = MemorySegment.ofAddress(1); // SIG_IGN
      var _ = (MemorySegment) SIGNAL.invokeExact(Signal.CHLD.number(), ignore);
      try (Subprocess p = Command.of("true").start()) {
        System.out.println(get(p.exit()));
      }
    }
  }
}
