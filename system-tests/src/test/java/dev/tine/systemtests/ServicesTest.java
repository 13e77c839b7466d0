package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.JdkTool;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.PreforkJvm;
import dev.tine.systemtests.kit.PreforkJvm.Worker;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.AttachedWorkers;
import dev.tine.systemtests.programs.PreforkWorkers;
import dev.tine.systemtests.programs.Serviced;
import dev.tine.systemtests.programs.WholeChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The services of a JVM are each process's own, as if it had been started. */
@Timeout(180)
class ServicesTest {
  private static final int ROUNDS = 10;

  private static final Pattern COUNTED = Pattern.compile("\\[(\\d+)\\] GC\\(\\d+\\) Pause Full .*");

  @ParameterizedTest(name = "attached before: {0}")
  @ValueSource(booleans = {false, true})
  void shouldServeEveryGeneration(boolean attachedBefore) {
    try (TestJvm jvm = start("-XX:+UseSerialGC")) {
      long parent = jvm.pid();
      jvm.run("repeat"); // it runs
      if (attachedBefore) {
        assertThat(JdkTool.property(parent, Serviced.WHO)).isEqualTo(Long.toString(parent));
      }
      jvm.send("generations");
      long grandchild = Long.parseLong(jvm.awaitLine("grandchild (\\d+)").group(1));
      long child = Proc.parent(grandchild);
      List<Long> all = List.of(parent, child, grandchild);
      jvm.awaitLine("process " + child);
      jvm.awaitLine("process " + grandchild);
      assertThat(Proc.parent(child)).isEqualTo(parent);

      all.forEach(pid -> {
        assertThat(JdkTool.counters(pid)).exists();
        assertThat(Files.exists(JdkTool.socket(pid))).isEqualTo(attachedBefore);
      });
      assertThat(JdkTool.run("jps", "-l").lines())
          .containsAll(all.stream().map(pid -> pid + " " + Serviced.class.getName()).toList());
      assertThat(all.stream().map(ServicesTest::fullCollections))
          .containsExactly(0, Serviced.COLLECTIONS, 2 * Serviced.COLLECTIONS);

      expectOwnAnswers(all);

      Kill.process(grandchild, Signal.TERM);
      awaitNoFiles(grandchild);
      expectOwnAnswers(List.of(parent, child));
      Kill.process(child, Signal.TERM);
      awaitNoFiles(child);
      jvm.awaitLine("ok generations");
      assertThat(JdkTool.counters(parent)).exists();
      expectOwnAnswers(List.of(parent));
      jvm.succeed();
      awaitNoFiles(parent);
    }
  }

  /** Each round asks all of them: one that answers for another does so sooner or later. */
  private static void expectOwnAnswers(List<Long> pids) {
    for (int i = 0; i < ROUNDS; i++) {
      for (long pid : pids) {
        assertThat(JdkTool.property(pid, Serviced.WHO)).isEqualTo(Long.toString(pid));
      }
    }
    for (long pid : pids) {
      assertThat(JdkTool.socket(pid)).exists();
    }
  }

  private static int fullCollections(long pid) {
    List<String> table = JdkTool.run("jstat", "-gcutil", Long.toString(pid)).lines().toList();
    int column = List.of(table.get(0).strip().split(" +", -1)).indexOf("FGC");
    return Integer.parseInt(table.get(1).strip().split(" +", -1)[column]);
  }

  private static void awaitNoFiles(long pid) {
    await("files of " + pid)
        .atMost(TestJvm.LIMIT)
        .until(
            () -> Files.notExists(JdkTool.counters(pid)) && Files.notExists(JdkTool.socket(pid)));
  }

  @ParameterizedTest(name = "attached before: {0}")
  @ValueSource(booleans = {false, true})
  void shouldLeaveNoFilesWhenItHalts(boolean attachedBefore) {
    try (TestJvm jvm = start()) {
      jvm.run("repeat");
      if (attachedBefore) {
        JdkTool.property(jvm.pid(), Serviced.WHO);
      }
      jvm.run("a child that halts");
      awaitNoFiles(Long.parseLong(jvm.awaitLine("process (\\d+)").group(1)));
      assertThat(JdkTool.counters(jvm.pid())).exists();
      expectOwnAnswers(List.of(jvm.pid()));
      jvm.succeed();
    }
  }

  /** As with any JVM that is killed: the next one that starts removes its file. */
  @Test
  void shouldBeCleanedUpAfterWhenItIsKilled() {
    try (TestJvm jvm = start()) {
      jvm.send("a child that is killed");
      long child = Long.parseLong(jvm.awaitLine("process (\\d+)").group(1));
      Kill.process(child, Signal.KILL);
      jvm.awaitLine("ok a child that is killed");
      JdkTool.run("jps");
      assertThat(JdkTool.counters(child)).doesNotExist();
      assertThat(JdkTool.counters(jvm.pid())).exists();
      jvm.succeed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:-UsePerfData", "-XX:+PerfDisableSharedMem"})
  void shouldHaveNoCountersIfTheParentHasNone(String option) {
    try (TestJvm jvm = start(option)) {
      jvm.send("a child");
      long child = Long.parseLong(jvm.awaitLine("process (\\d+)").group(1));
      assertThat(JdkTool.counters(jvm.pid())).doesNotExist();
      assertThat(JdkTool.counters(child)).doesNotExist();
      expectOwnAnswers(List.of(child, jvm.pid()));
      Kill.process(child, Signal.TERM);
      jvm.awaitLine("ok a child");
      jvm.succeed();
    }
  }

  /** The socket is made while the process is forked again and again. */
  @Test
  void shouldServeAToolThatComesDuringAFork() {
    try (TestJvm jvm = start()) {
      jvm.send("storm");
      jvm.awaitLine("storm begins");
      expectOwnAnswers(List.of(jvm.pid()));
      jvm.awaitLine("ok storm");
      jvm.send("a child");
      long child = Long.parseLong(jvm.awaitLine("process (\\d+)").group(1));
      expectOwnAnswers(List.of(jvm.pid(), child));
      Kill.process(child, Signal.TERM);
      jvm.awaitLine("ok a child");
      expectOwnAnswers(List.of(jvm.pid()));
      jvm.succeed();
    }
  }

  /** A mold runs nothing, so nobody can look into it. */
  @ParameterizedTest(name = "attached before: {0}")
  @ValueSource(booleans = {false, true})
  void shouldServeWorkersAndHideTheirMold(boolean attachedBefore) {
    try (PreforkJvm jvm =
        PreforkJvm.start(
            PreforkJvm.program(attachedBefore ? AttachedWorkers.class : PreforkWorkers.class)
                .arguments("2", "0"))) {
      List<Worker> workers = jvm.workers(2);
      long mold = jvm.mold();
      List<Long> all = new ArrayList<>(workers.stream().map(Worker::pid).toList());
      all.add(jvm.pid());

      List<Long> listed =
          JdkTool.run("jps", "-q").lines().map(line -> Long.valueOf(line.strip())).toList();
      assertThat(listed).containsAll(all).doesNotContain(mold);
      for (int i = 0; i < 2; i++) {
        for (long pid : all) {
          expectItsThreads(pid, JdkTool.run("jcmd", Long.toString(pid), "Thread.print"));
        }
      }
      jvm.stop();
      all.forEach(ServicesTest::awaitNoFiles);
    }
  }

  private static void expectItsThreads(long pid, String print) {
    List<String> ids =
        Pattern.compile(" nid=(\\d+) ").matcher(print).results().map(id -> id.group(1)).toList();
    assertThat(ids).as(print).hasSizeGreaterThan(10);
    assertThat(ids).allSatisfy(id -> assertThat(Path.of("/proc/" + pid + "/task/" + id)).exists());
  }

  @Test
  void shouldAppendToOneLog() throws IOException {
    expectOneLog(TestJvm.of(Serviced.class));
  }

  /** Pids are so small there that many of HotSpot's variables hold the same number. */
  @Test
  void shouldAppendToOneLogInAContainer() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "who can make a container");
    expectOneLog(
        TestJvm.of(Serviced.class)
            .launcher(
                "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", PreforkJvm.JAVA));
  }

  private static void expectOneLog(TestJvm.Builder builder) throws IOException {
    try (TestJvm jvm = builder.options("-XX:+UseSerialGC", "-Xlog:gc:file=gc.log:pid").start()) {
      jvm.run("log");
      List<Long> writers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        writers.add(Long.valueOf(jvm.awaitLine("logs (\\d+)").group(1)));
      }
      Path log = jvm.directory().resolve("gc.log");
      Map<Long, Integer> counts = new TreeMap<>();
      for (String line : Files.readAllLines(log)) {
        MatchResult counted = COUNTED.matcher(line).results().findFirst().orElse(null);
        if (counted == null) {
          assertThat(line).matches("\\[\\d+\\] Using Serial"); // nothing is cut or mixed
        } else {
          counts.merge(Long.valueOf(counted.group(1)), 1, Integer::sum);
        }
      }
      assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(writers);
      assertThat(counts.values()).containsOnly(Serviced.COLLECTIONS);
      jvm.endInput();
      assertThat(jvm.exitCode()).isZero();
      Files.delete(log);
      jvm.assertNothingLeft();
    }
  }

  /** The fork is refused while one records, see {@link RefusalTest}. */
  @Test
  void shouldRecordForItself() {
    try (TestJvm jvm = start("-Xlog:jfr*=off")) {
      jvm.run("record");
      jvm.run("record");
      jvm.succeed();
    }
  }

  /** A client talks over several connections, which one process has to answer. */
  @Test
  @SuppressWarnings("BanJNDI") // the addresses are those of the test's own processes
  void shouldLeaveRemoteClientsToTheParent() throws Exception {
    try (TestJvm jvm = start("-Djava.rmi.server.hostname=127.0.0.1")) {
      jvm.send("remote");
      MatchResult parent = jvm.awaitLine("server of (\\d+): (.*)");
      MatchResult child = jvm.awaitLine("server of (\\d+): (.*)");
      jvm.awaitLine("process " + child.group(1));
      assertThat(parent.group(1)).isEqualTo(Long.toString(jvm.pid()));
      for (int i = 0; i < ROUNDS; i++) {
        for (MatchResult server : List.of(parent, child)) {
          try (JMXConnector client =
              JMXConnectorFactory.connect(new JMXServiceURL(server.group(2)))) {
            assertThat(
                    client
                        .getMBeanServerConnection()
                        .getAttribute(new ObjectName("java.lang:type=Runtime"), "Name"))
                .asString()
                .startsWith(server.group(1) + "@");
          }
        }
      }
      Kill.process(Long.parseLong(child.group(1)), Signal.TERM);
      jvm.awaitLine("ok remote");
      jvm.run("a child that halts");
      jvm.succeed();
    }
  }

  /** The kernel keeps the registration for a child. */
  @Test
  void shouldUseTheMemoryBarrierOfTheSystem() {
    try (TestJvm jvm =
        TestJvm.of(WholeChild.class)
            .options("-XX:+UnlockDiagnosticVMOptions", "-XX:+UseSystemMemoryBarrier")
            .start()) {
      jvm.run("collect");
      jvm.run("compile");
      jvm.succeed();
    }
  }

  private static TestJvm start(String... options) {
    return TestJvm.of(Serviced.class).options(options).start();
  }
}
