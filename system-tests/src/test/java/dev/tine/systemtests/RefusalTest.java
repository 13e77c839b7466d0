package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.Cc;
import dev.tine.systemtests.kit.JdkTool;
import dev.tine.systemtests.kit.PidsGroup;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be forked is refused with cause and remedy, and goes on as if it had not asked. */
class RefusalTest {
  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int EBUSY = 16;

  @Test
  void shouldRefuseZgc() {
    try (TestJvm jvm = start("-XX:+UseZGC")) {
      assertThat(refusal(jvm, "SUPPORT", 0))
          .isEqualTo(
              "this JVM cannot be forked: ZGC keeps its heap in memory that a child would share and"
                  + " not copy; use another collector, for example -XX:+UseG1GC");
      jvm.succeed();
    }
  }

  /**
   * Files with the names by which these mappings are known: huge pages have to be reserved for the
   * whole machine, and musl is another system. To see the real thing: {@code sysctl
   * vm.nr_hugepages=300}, and a program with {@code -XX:+UseLargePages}.
   */
  @Test
  void shouldRefuseMappingsThatCannotBeCopied() {
    try (TestJvm jvm = start()) {
      jvm.run("map huge pages");
      assertThat(refusal(jvm, "SUPPORT", 0)).contains("huge pages", "-XX:+UseTransparentHugePages");
      jvm.succeed();
    }
    try (TestJvm jvm = start()) {
      jvm.run("map musl");
      assertThat(refusal(jvm, "SUPPORT", 0)).contains("musl", "glibc");
      jvm.succeed();
    }
  }

  @Test
  void shouldRefuseForADebugger() {
    try (TestJvm jvm =
        start(
            "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=127.0.0.1:0")) {
      assertThat(refusal(jvm, "SUPPORT", 0))
          .isEqualTo(
              "this JVM cannot be forked: it is started for a debugger, whose one connection parent"
                  + " and child cannot both use; start it without -agentlib:jdwp");
      jvm.succeed();
    }
  }

  @Test
  void shouldRefuseWhileFlightRecorderRecords() {
    try (TestJvm jvm = start("-XX:StartFlightRecording:name=black-box", "-Xlog:jfr*=off")) {
      assertThat(refusal(jvm, "SUPPORT", 0))
          .isEqualTo(
              "this JVM cannot be forked: Flight Recorder is recording (black-box), and its file"
                  + " cannot belong to two processes; stop it before (jcmd %d JFR.stop name=NAME),"
                  + " and start a recording in each process afterwards (jcmd PID JFR.start)",
              jvm.pid());
      JdkTool.run("jcmd", Long.toString(jvm.pid()), "JFR.stop", "name=black-box");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @Test
  void shouldRefuseWhenNoSignalIsFree() {
    try (TestJvm jvm = start()) {
      jvm.run("take all signals");
      assertThat(refusal(jvm, "SIGNAL", EBUSY))
          .startsWith("cannot fork: every real-time signal from 35 to 64 has a handler already")
          .contains("-Ddev.tine.fork.signal=N");
      jvm.run("free a signal");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "", "34", "65", "-1"})
  void shouldRefuseANumberThatIsNoSignal(String number) {
    try (TestJvm jvm = start("-Ddev.tine.fork.signal=" + number)) {
      assertThat(refusal(jvm, "SIGNAL", 0))
          .isEqualTo(
              "cannot fork: -Ddev.tine.fork.signal=%s is not a number from 35 to 64", number);
      jvm.succeed();
    }
  }

  @Test
  void shouldRefuseASignalThatIsTaken() {
    try (TestJvm jvm = start("-Ddev.tine.fork.signal=40")) {
      jvm.run("take signal 40");
      assertThat(refusal(jvm, "SIGNAL", EBUSY))
          .isEqualTo(
              "cannot fork: signal 40 has got a handler of someone else's; choose another with"
                  + " -Ddev.tine.fork.signal=N");
      jvm.succeed();
    }
  }

  @Test
  void shouldUseTheSignalItIsGiven() {
    try (TestJvm jvm = start("-Ddev.tine.fork.signal=64")) {
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @Test
  void shouldNameTheThreadThatBlocksTheSignal() {
    try (TestJvm jvm = start()) {
      String tid = jvm.awaitLine("errand-boy (\\d+)").group(1);
      jvm.run("block signals");
      assertThat(refusal(jvm, "PARK", 110))
          .isEqualTo(
              "cannot fork: a thread, \"errand-boy\" (tid %s), blocks signal 35, by which threads"
                  + " are stopped; unblock it there, or choose another with"
                  + " -Ddev.tine.fork.signal=N",
              tid);
      jvm.run("unblock signals");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @Test
  void shouldRefuseWhenTheLeaderHasExited(@TempDir Path directory) throws Exception {
    Path launcher = Cc.program("leaderless.c", directory);
    try (TestJvm jvm =
        TestJvm.of(Refused.class)
            .launcher(
                launcher.toString(),
                Path.of(System.getProperty("java.home"), "lib/server/libjvm.so").toString())
            .start()) {
      assertThat(refusal(jvm, "SUPPORT", 0))
          .startsWith("this JVM cannot be forked: the primordial thread of the process has exited")
          .contains("Do not call pthread_exit in main()");
      jvm.endInput();
      assertThat(jvm.exitCode()).isZero();
      jvm.assertNothingLeft();
    }
  }

  /** The limit does not bind root, so the program is another user. */
  @Test
  void shouldNameTheLimitsWhenNoProcessCanBeMade() throws IOException {
    try (TestJvm jvm = unprivileged(TestJvm.of(Refused.class)).start()) {
      jvm.run("forks");
      jvm.run("limit processes");
      assertThat(refusal(jvm, "CLONE", EAGAIN))
          .startsWith(
              "cannot fork: the process could not be cloned: Resource temporarily unavailable"
                  + " (limits: ")
          .containsPattern("RLIMIT_NPROC=\\d{2}.*kernel.threads-max=\\d{3}.*kernel.pid_max=\\d{3}");
      jvm.run("limit threads of the child");
      assertThat(refusal(jvm, "THREADS", EAGAIN))
          .startsWith(
              "cannot fork: the child could not create its threads: Resource temporarily"
                  + " unavailable (limits: ")
          .contains("RLIMIT_NPROC=");
      jvm.run("lift the limit");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @Test
  void shouldNameTheLimitOfTheControlGroup() throws IOException {
    try (TestJvm jvm = start();
        PidsGroup group = PidsGroup.of(jvm.pid())) {
      jvm.run("forks");
      group.limit(group.tasks());
      assertThat(refusal(jvm, "CLONE", EAGAIN))
          .startsWith(
              "cannot fork: the process could not be cloned: Resource temporarily unavailable"
                  + " (limits: pids.max="
                  + group.tasks()
                  + ", pids.current="
                  + group.tasks()
                  + ", RLIMIT_NPROC=");
      group.limit(group.tasks() + 5);
      assertThat(refusal(jvm, "THREADS", EAGAIN)).contains("(limits: pids.max=");
      group.limit(10_000);
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @Test
  void shouldSayWhenThereIsNotEnoughMemory() {
    try (TestJvm jvm = start()) {
      jvm.run("map more than there is");
      assertThat(refusal(jvm, "CLONE", ENOMEM))
          .startsWith(
              "cannot fork: the process could not be cloned: Cannot allocate memory (limits:"
                  + " vm.overcommit_memory=");
      jvm.run("unmap it");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  private static TestJvm.Builder unprivileged(TestJvm.Builder jvm) {
    if (!System.getProperty("user.name").equals("root")) {
      return jvm;
    }
    return jvm.launcher(
            "setpriv",
            "--reuid=61234",
            "--regid=61234",
            "--clear-groups",
            Path.of(System.getProperty("java.home"), "bin", "java").toString())
        .readableByOthers();
  }

  private static TestJvm start(String... options) {
    return TestJvm.of(Refused.class).options(options).start();
  }

  private static String refusal(TestJvm jvm, String stage, int errno) {
    jvm.run("is refused");
    MatchResult refusal = jvm.awaitLine("refused (\\w+) (\\d+) (.*)");
    assertThat(refusal.group(1)).as(refusal.group()).isEqualTo(stage);
    assertThat(refusal.group(2)).as(refusal.group()).isEqualTo(Integer.toString(errno));
    return refusal.group(3);
  }
}
