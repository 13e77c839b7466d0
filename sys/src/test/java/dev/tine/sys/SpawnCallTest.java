package dev.tine.sys;

import static dev.tine.sys.Spawned.bytes;
import static dev.tine.sys.Spawned.call;
import static dev.tine.sys.Spawned.fail;
import static dev.tine.sys.Spawned.run;
import static dev.tine.sys.Spawned.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs no privilege. */
final class SpawnCallTest {
  private static final int HUP = 1;
  private static final int INT = 2;
  private static final int QUIT = 3;
  private static final int TERM = 15;
  private static final int EACCES = 13;
  private static final int E2BIG = 7;

  @TempDir Path directory;

  @Test
  void shouldRunAProgramAndTellItsEnd() {
    Spawned echo = run(call("/bin/echo", "one", "two words", ""));

    assertThat(echo.output()).isEqualTo("one two words \n");
    assertThat(echo.exit()).isEqualTo(new Pidfd.Exit(false, false, 0));
    assertThat(echo.started().program()).isEqualTo("/bin/echo");
  }

  @Test
  void shouldTellASignalFromACode() {
    assertThat(run(shell("exit 143")).exit()).isEqualTo(new Pidfd.Exit(false, false, 143));
    assertThat(run(shell("kill -TERM $$")).exit()).isEqualTo(new Pidfd.Exit(true, false, TERM));
  }

  @Test
  void shouldPassArgumentsAndEnvironmentByteForByte() {
    byte[] odd = {(byte) 0xff, ' ', (byte) 0xc3, '\n', '*'};
    byte[] entry = {'O', 'D', 'D', '=', (byte) 0xfe, '='};
    SpawnCall call =
        new SpawnCall(
            bytes("/bin/sh"),
            List.of(
                bytes("sh"),
                bytes("-c"),
                bytes("printf %s \"$1\" \"$ODD\" | od -An -tx1"),
                bytes("sh"),
                odd));

    assertThat(run(call.environment(List.of(entry, bytes("PATH=/usr/bin:/bin")))).output().strip())
        .isEqualTo("ff 20 c3 0a 2a fe 3d");
  }

  @Test
  void shouldHandDownTheEnvironmentUnlessItIsGiven() {
    assertThat(run(call("/usr/bin/env")).output())
        .isEqualTo(
            Environ.entries().stream()
                .map(e -> NativeText.text(e) + "\n")
                .reduce("", String::concat));
    assertThat(run(call("/usr/bin/env").environment(List.of())).output()).isEmpty();
  }

  @Test
  void shouldFindAProgramInThePathOfItsEnvironment() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    script(directory.resolve("tool"), "#!/bin/sh\necho $0");

    Spawned found = run(call("tool").environment(path(other + "::/nowhere:" + directory)));

    assertThat(found.output()).isEqualTo(directory + "/tool\n");
    assertThat(found.started().program()).isEqualTo(directory + "/tool");
    assertThat(fail(call("tool").environment(path("/nowhere:" + other))))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.EXEC, Errno.ENOENT, -1, other + "/tool"));
  }

  @Test
  void shouldSearchOnAfterWhatCannotBeRunAndTellOfIt() throws Exception {
    Path first = Files.createDirectory(directory.resolve("first"));
    Path second = Files.createDirectory(directory.resolve("second"));
    Files.createDirectory(first.resolve("tool"));

    assertThat(fail(call("tool").environment(path(first + ":" + second))))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.EXEC, EACCES, -1, first + "/tool"));

    script(second.resolve("tool"), "#!/bin/sh\necho second");
    assertThat(run(call("tool").environment(path(first + ":" + second))).output())
        .isEqualTo("second\n");
  }

  @Test
  void shouldRunAScriptWithoutInterpreterByTheShell() throws Exception {
    script(directory.resolve("plain"), "echo \"$0: $*\"");

    assertThat(run(call(directory.resolve("plain").toString(), "a", "b")).output())
        .isEqualTo(directory.resolve("plain") + ": a b\n");
  }

  @Test
  void shouldTellWhatFailed() throws Exception {
    script(directory.resolve("bad"), "#!/no/interpreter\n");

    assertThat(fail(call("/no/program")))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.EXEC, Errno.ENOENT, -1, "/no/program"));
    assertThat(fail(call(""))).isEqualTo(new SpawnOutcome.Failed(SpawnPhase.EXEC, 2, -1, ""));
    assertThat(fail(call(directory.toString())).errno()).isEqualTo(EACCES);
    assertThat(fail(call(directory.resolve("bad").toString())).errno()).isEqualTo(Errno.ENOENT);
    assertThat(fail(call("/bin/true", "x".repeat(200_000))).errno()).isEqualTo(E2BIG);
    assertThat(fail(call("/bin/true").directory(bytes("/no/directory"))))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.DIRECTORY, Errno.ENOENT, -1, ""));
    assertThat(fail(call("/bin/true").place(999_999, 7)))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.DESCRIPTORS, Errno.EBADF, 7, ""));
    assertThat(fail(call("/bin/true").limit(99, 1, 1)))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.LIMITS, 22, 99, ""));
    assertThat(fail(call("/bin/true").group(1)).phase()).isEqualTo(SpawnPhase.GROUP);
    assertThat(fail(call("/bin/true").cgroup(bytes("/no/cgroup.procs"))).phase())
        .isEqualTo(SpawnPhase.CGROUP);
    assertThat(fail(call("/bin/true").newSession().controllingTerminal(0)).phase())
        .isEqualTo(SpawnPhase.TERMINAL);
  }

  @Test
  void shouldLeaveNothingBehindAfterAFailure() throws Exception {
    fail(call("/no/program"));
    List<String> before = Spawned.descriptors();

    for (int i = 0; i < 100; i++) {
      fail(call("/no/program"));
    }

    assertThat(Spawned.descriptors()).isEqualTo(before);
    assertThat(ProcessHandle.current().children()).isEmpty();
  }

  @Test
  void shouldRefuseNul() {
    assertThatThrownBy(() -> call("/bin/echo", "a\0b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("argument 1 has a NUL character");
    assertThatThrownBy(() -> call("/bin/echo").environment(List.of(bytes("A=\0"))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> call("/bin/echo").directory(bytes("/\0")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldGiveDescriptorsChosenNumbersAndNoOthers() {
    int leaked = FileCall.open(bytes("/dev/null"), FileCall.O_RDONLY, 0);
    try {
      // Inherited by an exec that does not close it.
      assertThat(FileCall.setBlocking(leaked, true)).isZero();
      Spawned list = run(shell("exec ls /proc/self/fd").place(leaked, 9).place(leaked, 255));

      // 3 is of ls, which reads the directory.
      assertThat(list.output()).isEqualTo("0\n1\n2\n255\n3\n9\n");
    } finally {
      FileCall.close(leaked);
    }
  }

  @Test
  void shouldExchangeDescriptors() {
    FileCall.Pipe a = FileCall.pipe();
    FileCall.Pipe b = FileCall.pipe();
    int x = Math.min(a.writeFd(), b.writeFd());
    int y = Math.max(a.writeFd(), b.writeFd());

    Spawned done =
        run(
            shell("echo x >/proc/self/fd/" + x + "; echo y >/proc/self/fd/" + y)
                .place(x, y)
                .place(y, x));

    FileCall.close(a.writeFd());
    FileCall.close(b.writeFd());
    assertThat(done.output()).isEmpty();
    boolean straight = x == a.writeFd();
    assertThat(Spawned.read(a.readFd())).isEqualTo(straight ? "y\n" : "x\n");
    assertThat(Spawned.read(b.readFd())).isEqualTo(straight ? "x\n" : "y\n");
    FileCall.close(a.readFd());
    FileCall.close(b.readFd());
  }

  @Test
  void shouldStartWithCleanSignals() {
    String status =
        run(call("/bin/grep", "^Sig[BI]", "/proc/self/status")).output().replaceAll("\\s+", " ");

    assertThat(status).isEqualTo("SigBlk: 0000000000000000 SigIgn: 0000000000000000 ");
  }

  @Test
  void shouldKeepIgnoredWhatAJobIsToIgnore() {
    // A shell that ignores them starts one that would not, and one that would.
    long inherited = 1L << (HUP - 1) | 1L << (INT - 1) | 1L << (QUIT - 1);
    SpawnCall call =
        call("/bin/grep", "^SigIgn", "/proc/self/status")
            .keepIgnored(HUP)
            .keepIgnored(INT)
            .keepIgnored(QUIT);

    long ignored =
        Long.parseUnsignedLong(run(call).output().replaceAll(".*\\s+(\\w+)\\s+", "$1"), 16);

    assertThat(ignored & ~inherited).isZero();
  }

  @Test
  void shouldBeginASessionOrAGroup() {
    String print = "read -r stat < /proc/self/stat; set -- ${stat##*) }; echo $3 $4 $$";

    String[] session = run(shell(print).newSession()).output().strip().split(" ", -1);
    String[] group = run(shell(print).group(0)).output().strip().split(" ", -1);
    String[] neither = run(shell(print)).output().strip().split(" ", -1);

    assertThat(session[0]).isEqualTo(session[2]);
    assertThat(session[1]).isEqualTo(session[2]);
    assertThat(group[0]).isEqualTo(group[2]);
    assertThat(group[1]).isEqualTo(neither[1]).isNotEqualTo(group[2]);
    assertThat(neither[0]).isNotEqualTo(neither[2]);
  }

  @Test
  void shouldSetWhatIsNoPrivilege() throws Exception {
    Spawned all =
        run(
            shell("pwd; umask; nice; ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj")
                .directory(bytes(directory.toRealPath().toString()))
                .umask(027)
                .nice(7)
                .limit(7, 50, 60)
                .oomScore(500));

    assertThat(all.output()).isEqualTo(directory.toRealPath() + "\n0027\n7\n50\n60\n500\n");
  }

  @Test
  void shouldEndAChildWithTheThreadThatSpawnedIt() throws Exception {
    var outcome = new AtomicReference<SpawnOutcome>();
    FileCall.Pipe pipe = FileCall.pipe();

    Thread spawner =
        new Thread(() ->
            outcome.set(
                call("/bin/cat")
                    .place(pipe.readFd(), 0)
                    .place(pipe.writeFd(), 1)
                    .deathSignal(TERM)
                    .start()));
    spawner.start();
    spawner.join();

    int pidfd = ((SpawnOutcome.Started) outcome.get()).pidfd();
    assertThat(Spawned.waitFor(pidfd)).isEqualTo(new Pidfd.Exit(true, false, TERM));
    FileCall.close(pidfd);
    FileCall.close(pipe.readFd());
    FileCall.close(pipe.writeFd());
  }

  private static void script(Path file, String text) throws Exception {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static List<byte[]> path(String value) {
    return List.of(bytes("PATH=" + value));
  }
}
