package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.PreforkJvm;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.PreforkSubprocesses;
import dev.tine.systemtests.programs.SpawningServer;
import dev.tine.systemtests.programs.Subprocesses;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Subprocesses, their loop and forks. */
class SubprocessesTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(Subprocesses.class).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldGoOnInAChildWithChildrenOfItsOwn() {
    parent.run("own children");
  }

  @Test
  void shouldNotTouchSubprocessesOfTheParent() {
    parent.run("parent's children");
  }

  @Test
  void shouldNotHoldTheInputOfASubprocessOfTheParent() {
    parent.run("end of input");
  }

  @Test
  void shouldEndTheWaitOfACopiedThread() {
    parent.run("waiting thread");
  }

  @Test
  void shouldGoOnInWorkersOfAMold() {
    parent.run("workers");
  }

  @Test
  void shouldNotHoldTheInputOfASubprocessInAMold() {
    parent.run("end of input beside a mold");
  }

  @Test
  void shouldNotHoldTheTerminalOfASubprocessInAMold() {
    parent.run("hangup beside a mold");
  }

  @Test
  void shouldGoOnInPreforkedWorkers() {
    try (TestJvm jvm = PreforkJvm.program(PreforkSubprocesses.class).start()) {
      assertThat(jvm.exitCode()).as("exit code%s", jvm.report()).isZero();
      jvm.assertNothingLeft();
      assertThat(String.join("", jvm.lines())).isEqualTo("xxx");
    }
  }

  @Test
  void shouldServeWorkersOfAProgramThatKnowsNothingOfForks() throws IOException {
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.add(1, "--enable-native-access=ALL-UNNAMED");
    command.add(SpawningServer.class.getName());
    command.add(Integer.toString(port));
    List<String> options = List.of("--workers", "2", "--warmup-requests", "10");
    try (RunJvm run = RunJvm.start(options, command, port)) {
      List<Long> pids = run.awaitWorkers(2);
      Set<Long> answered = new HashSet<>();
      for (int i = 0; i < 5000 && (i < 40 || answered.size() < 2); i++) {
        String page = run.get(i % 2 == 0 ? "/subprocess" : "/builder");
        long worker = RunJvm.pidIn(page);
        assertThat(page).as(page).isEqualTo(worker + " " + worker);
        answered.add(worker);
      }
      assertThat(answered).containsExactlyInAnyOrderElementsOf(pids);
      run.stop();
    }
  }
}
