package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.PreforkJvm;
import dev.tine.systemtests.kit.PreforkJvm.Worker;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.PreforkMultiProcess;
import dev.tine.systemtests.programs.PreforkTaskIds;
import dev.tine.systemtests.programs.PreforkWorkers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract of {@code fork_processes} of Tornado 6.5: its own tests (T1, T10 to T12), and each
 * promise its code makes (C1 to C19).
 */
@Timeout(90)
class TornadoTest {
  private static final String TOO_MANY =
      "dev.tine.prefork.TooManyRestartsException: Too many child restarts, giving up";

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"exits", "signals"})
  @DisplayName("T1 test_multi_process")
  void shouldServeFromSeveralProcesses(String variant) {
    String[] arguments = variant.equals("exits") ? new String[0] : new String[] {variant};
    try (TestJvm jvm = PreforkJvm.program(PreforkMultiProcess.class).arguments(arguments).start()) {
      jvm.awaitLine("client done: [0-9]+ [0-9]+");
      assertThat(jvm.exitCode()).as("exit code%s", jvm.report()).isZero();
      jvm.awaitLine("task id in the parent: OptionalInt.empty");
      jvm.assertNothingLeft();

      List<String> log = messages(jvm.errorLines());
      assertThat(log.getFirst()).isEqualTo("INFO Starting 3 processes");
      assertThat(
              count(log, "WARNING child [01] \\(pid \\d+\\) exited with status [234], restarting"))
          .isEqualTo(3);
      assertThat(count(log, "INFO child [012] \\(pid \\d+\\) exited normally")).isEqualTo(3);
      if (variant.equals("exits")) {
        assertThat(log).hasSize(7);
      } else {
        // SIGTERM is an orderly exit of a JVM.
        assertThat(
                count(log, "WARNING child [01] \\(pid \\d+\\) exited with status 143, restarting"))
            .isOne();
        assertThat(count(log, "WARNING child [01] \\(pid \\d+\\) killed by signal 6, restarting"))
            .isOne();
        assertThat(log).hasSize(9);
      }
    }
  }

  @Test
  @DisplayName("T10 test_listen_single")
  void shouldBeUsableWithoutAFork() {
    try (TestJvm jvm = PreforkJvm.program(PreforkTaskIds.class).arguments("single").start()) {
      jvm.succeed();
      assertThat(jvm.lines()).containsExactly("012");
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"listen before the fork", "listen after the fork"})
  @DisplayName("T11 test_bind_start, T12 test_add_sockets")
  void shouldPrintTheTaskIdsAndNothingButTheLog(String listening) {
    try (TestJvm jvm = PreforkJvm.program(PreforkTaskIds.class).arguments(listening).start()) {
      assertThat(jvm.exitCode()).as("exit code%s", jvm.report()).isZero();
      jvm.assertNothingLeft();
      String output = String.join("", jvm.lines());
      assertThat(output.chars().sorted().mapToObj(Character::toString))
          .containsExactly("0", "1", "2");
      List<String> log = messages(jvm.errorLines());
      assertThat(log.getFirst()).isEqualTo("INFO Starting 3 processes");
      assertThat(count(log, "INFO child [012] \\(pid \\d+\\) exited normally")).isEqualTo(3);
      assertThat(log).hasSize(4);
    }
  }

  @ParameterizedTest(name = "forkProcesses({0})")
  @ValueSource(strings = {"0", "-1"})
  @DisplayName("C1 no number means the number of processors")
  void shouldC1ForkAProcessForEachProcessorIfThereIsNoNumber(String processes) {
    try (PreforkJvm prefork =
        PreforkJvm.start(
            PreforkJvm.program(PreforkWorkers.class)
                .options("-XX:ActiveProcessorCount=3")
                .arguments(processes, "0"))) {
      endAll(prefork.workers(3));
      prefork.expectExit(0);
      assertThat(prefork.log()).hasSize(4).startsWith("INFO Starting 3 processes");
    }
  }

  @Test
  @DisplayName("C2 one process is a forked one too")
  void shouldC2ForkASingleChild() {
    try (PreforkJvm prefork = PreforkJvm.start("1", "0")) {
      Worker worker = prefork.worker(0);
      assertThat(worker.pid()).isNotEqualTo(prefork.pid());
      assertThat(Proc.children(prefork.pid()))
          .containsExactlyInAnyOrder(prefork.mold(), worker.pid());
      endAll(List.of(worker));
      prefork.expectExit(0);
    }
  }

  @Test
  @DisplayName("C3 C4 C5 C6 each worker has an id of its own, and cannot fork workers")
  void shouldC3ToC6ReturnTheIdInEachWorkerAndRefuseANestedCall() {
    try (PreforkJvm prefork = PreforkJvm.start("4", "0")) {
      List<Worker> workers = prefork.workers(4);
      for (Worker worker : workers) {
        assertThat(worker.ask("ids"))
            .isEqualTo("%d OptionalInt[%d]".formatted(worker.id(), worker.id()));
        assertThat(worker.ask("nested"))
            .isEqualTo(
                "java.lang.IllegalStateException: this is worker %d: a worker cannot fork workers"
                    .formatted(worker.id()));
        assertThat(Proc.children(worker.pid())).isEmpty();
        assertThat(worker.ask("ping")).isEqualTo("ok");
      }
      endAll(workers);
      prefork.expectExit(0); // which also says that there is no id in the parent: C5
    }
  }

  @Test
  @DisplayName("C7 an exit with another code than 0 is followed by a restart in the same id")
  void shouldC7RestartAfterANonZeroExit() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "3")) {
      List<Worker> workers = prefork.workers(2);
      Worker last = workers.getFirst();
      for (String command : List.of("halt 3", "exit 1", "halt 255")) {
        last.tell(command);
        Worker successor = prefork.worker(0);
        assertThat(successor.pid()).isNotEqualTo(last.pid());
        assertThat(successor.ask("ids")).isEqualTo("0 OptionalInt[0]");
        prefork.awaitLog(
            "WARNING",
            "child 0 (pid %d) exited with status %s, restarting"
                .formatted(last.pid(), command.substring(5)));
        prefork.awaitGone(last.pid());
        last = successor;
      }
      assertThat(workers.getLast().ask("ping")).isEqualTo("ok");
      endAll(List.of(last, workers.getLast()));
      prefork.expectExit(0);
    }
  }

  @ParameterizedTest(name = "signal {0}")
  @ValueSource(ints = {6, 9, 11, 15})
  @DisplayName("C8 death by a signal is followed by a restart in the same id")
  void shouldC8RestartAfterDeathBySignal(int number) {
    var signal = new Signal(number);
    try (PreforkJvm prefork = PreforkJvm.start("2", "1")) {
      List<Worker> workers = prefork.workers(2);
      Worker victim = workers.getLast();
      if (signal.equals(Signal.TERM) || signal.equals(Signal.SEGV)) {
        assertThat(victim.ask("default " + number)).isEqualTo("ok"); // the JVM has its own ideas
      }
      victim.kill(signal);
      Worker successor = prefork.worker(1);
      prefork.awaitLog(
          "WARNING",
          "child 1 (pid %d) killed by signal %d, restarting".formatted(victim.pid(), number));
      assertThat(successor.pid()).isNotEqualTo(victim.pid());
      assertThat(successor.ask("ids")).isEqualTo("1 OptionalInt[1]");
      prefork.awaitGone(victim.pid());
      endAll(List.of(workers.getFirst(), successor));
      prefork.expectExit(0);
    }
  }

  @Test
  @DisplayName("C8 what a JVM makes of SIGTERM and SIGSEGV is followed by a restart as well")
  void shouldC8RestartAfterAnOrderlyExitBySigtermAndAfterACrash() throws IOException {
    try (PreforkJvm prefork = PreforkJvm.start("1", "2")) {
      Worker first = prefork.worker(0);
      first.kill(Signal.TERM);
      Worker second = prefork.worker(0);
      prefork.awaitLog(
          "WARNING", "child 0 (pid %d) exited with status 143, restarting".formatted(first.pid()));
      second.kill(Signal.SEGV); // hs_err_pid*.log, then abort()
      Worker third = prefork.worker(0);
      prefork.awaitLog(
          "WARNING", "child 0 (pid %d) killed by signal 6, restarting".formatted(second.pid()));
      Path report = prefork.jvm().directory().resolve("hs_err_pid" + second.pid() + ".log");
      assertThat(report).isNotEmptyFile();
      Files.delete(report);
      endAll(List.of(third));
      prefork.expectExit(0);
    }
  }

  @Test
  @DisplayName("C9 an exit with 0 is never followed by a restart")
  void shouldC9NotRestartAfterANormalExit() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "2")) {
      List<Worker> workers = prefork.workers(2);
      workers.getFirst().tell("exit 0");
      prefork.awaitLog(
          "INFO", "child 0 (pid %d) exited normally".formatted(workers.getFirst().pid()));
      workers.getLast().kill(Signal.KILL);
      Worker successor = prefork.worker(1); // so the monitor is long done with the exit
      assertThat(Proc.children(prefork.pid()))
          .containsExactlyInAnyOrder(prefork.mold(), successor.pid());
      endAll(List.of(successor));
      prefork.expectExit(0);
      assertThat(prefork.jvm().lines()).filteredOn(line -> line.startsWith("worker 0 ")).hasSize(1);
    }
  }

  @Test
  @DisplayName(
      "C10 C17 C18 C19 when all have exited with 0 so does the parent, and the log is exact")
  void shouldC10ExitWithZeroWhenAllWorkersHave() {
    try (PreforkJvm prefork = PreforkJvm.start("3", "0")) {
      List<Worker> workers = prefork.workers(3);
      List<String> expected = new ArrayList<>();
      expected.add("INFO Starting 3 processes");
      for (Worker worker : workers) {
        worker.tell("exit 0");
        String message = "child %d (pid %d) exited normally".formatted(worker.id(), worker.pid());
        prefork.awaitLog("INFO", message);
        expected.add("INFO " + message);
      }
      prefork.expectExit(0);
      assertThat(prefork.log()).isEqualTo(expected);
    }
  }

  @Test
  @DisplayName(
      "C11 C13 C17 exactly so many restarts succeed, counted over all ids; one more is too many")
  void shouldC11GiveUpAfterOneRestartTooMany() {
    try (PreforkJvm prefork = PreforkJvm.start("3", "3")) {
      List<Worker> workers = new ArrayList<>(prefork.workers(3));
      List<String> expected = new ArrayList<>();
      expected.add("INFO Starting 3 processes");
      for (int id = 0; id < 3; id++) {
        Worker victim = workers.get(id);
        victim.kill(Signal.KILL);
        workers.set(id, prefork.worker(id));
        expected.add(
            "WARNING child %d (pid %d) killed by signal 9, restarting".formatted(id, victim.pid()));
      }
      // All restarts are used, and all goes on.
      workers.forEach(worker -> assertThat(worker.ask("ping")).isEqualTo("ok"));
      workers.get(1).tell("halt 5");
      expected.add(
          "WARNING child 1 (pid %d) exited with status 5, restarting"
              .formatted(workers.get(1).pid()));

      prefork.jvm().awaitLine("thrown in %d: %s".formatted(prefork.pid(), TOO_MANY));
      prefork.expectExit(PreforkWorkers.THROWN);
      // The siblings were asked to end, in an orderly way.
      assertThat(prefork.log()).startsWith(expected.toArray(String[]::new)).hasSize(7);
      assertThat(prefork.log().subList(5, 7))
          .containsExactlyInAnyOrder(
              "INFO child 0 (pid %d) exited with status 143".formatted(workers.get(0).pid()),
              "INFO child 2 (pid %d) exited with status 143".formatted(workers.get(2).pid()));
    }
  }

  @Test
  @DisplayName("C11 a sibling that ignores SIGTERM is killed after 10 s")
  void shouldC11KillASiblingThatDoesNotStop() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "0")) {
      List<Worker> workers = prefork.workers(2);
      assertThat(workers.getLast().ask("ignore " + Signal.TERM.number())).isEqualTo("ok");
      long startNanos = System.nanoTime();
      workers.getFirst().tell("halt 1");
      prefork.awaitLog("WARNING", "killing 1 processes: still there after 10 s");
      assertThat(System.nanoTime() - startNanos).isGreaterThan(9_900_000_000L);
      prefork.jvm().awaitLine("thrown in %d: %s".formatted(prefork.pid(), TOO_MANY));
      prefork.expectExit(PreforkWorkers.THROWN);
      assertThat(prefork.log())
          .endsWith("INFO child 1 (pid %d) killed by signal 9".formatted(workers.getLast().pid()));
    }
  }

  @Test
  @DisplayName("C12 the first abnormal exit is too many if none is allowed")
  void shouldC12GiveUpAtOnceIfNoRestartIsAllowed() {
    try (PreforkJvm prefork = PreforkJvm.start("1", "0")) {
      Worker worker = prefork.worker(0);
      worker.tell("halt 9");
      prefork.jvm().awaitLine("thrown in %d: %s".formatted(prefork.pid(), TOO_MANY));
      prefork.expectExit(PreforkWorkers.THROWN);
      assertThat(prefork.log())
          .containsExactly(
              "INFO Starting 1 processes",
              "WARNING child 0 (pid %d) exited with status 9, restarting".formatted(worker.pid()));
    }
  }

  @Test
  @DisplayName("C12 100 restarts are allowed if nothing is said")
  void shouldC12AllowAHundredRestartsIfNothingIsSaid() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "default", "crash")) {
      Worker sibling = prefork.worker(1);
      prefork.jvm().awaitLine("thrown in %d: %s".formatted(prefork.pid(), TOO_MANY));
      prefork.expectExit(PreforkWorkers.THROWN);
      prefork.awaitGone(sibling.pid());
      assertThat(
              count(
                  prefork.log(), "WARNING child 0 \\(pid \\d+\\) exited with status 1, restarting"))
          .isEqualTo(101);
    }
  }

  @Test
  @DisplayName("C14 a child that is no worker is neither reaped nor disturbed")
  void shouldC14LeaveOtherChildrenOfTheProgramAlone() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "3", "child")) {
      long child = Long.parseLong(prefork.jvm().awaitLine("child ([0-9]+)").group(1));
      List<Worker> workers = prefork.workers(2);
      workers.getFirst().kill(Signal.KILL);
      Worker successor = prefork.worker(0);
      assertThat(Proc.state(child)).isEqualTo('S');
      assertThat(Proc.parent(child)).isEqualTo(prefork.pid());

      Kill.process(child, Signal.USR1);
      prefork.jvm().awaitLine("child ended with " + (128 + Signal.USR1.number()));
      prefork.awaitGone(child);
      // The monitor has taken no notice.
      successor.kill(Signal.KILL);
      endAll(List.of(prefork.worker(0), workers.getLast()));
      prefork.expectExit(0);
      assertThat(count(prefork.log(), ".*pid " + child + ".*")).isZero();
      assertThat(prefork.log()).hasSize(5);
    }
  }

  @Test
  @DisplayName("C14 a child that is no worker outlives too many restarts")
  void shouldC14NotStopOtherChildrenOfTheProgram() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "0", "child")) {
      long child = Long.parseLong(prefork.jvm().awaitLine("child ([0-9]+)").group(1));
      prefork.workers(2).getFirst().kill(Signal.KILL);
      prefork.jvm().awaitLine("thrown in %d: %s".formatted(prefork.pid(), TOO_MANY));
      prefork
          .jvm()
          .awaitLine("monitor ends: task id OptionalInt.empty, children \\[%d\\]".formatted(child));
      assertThat(prefork.jvm().exitCode()).isEqualTo(PreforkWorkers.THROWN);
      assertThat(Proc.state(child)).isEqualTo('S');
      Kill.process(child, Signal.KILL);
      prefork.jvm().assertNothingLeft();
    }
  }

  @Test
  @DisplayName("C15 no two workers draw the same random numbers, nor does a successor")
  void shouldC15GiveEveryWorkerRandomNumbersOfItsOwn() {
    try (PreforkJvm prefork = PreforkJvm.start("3", "6")) {
      List<Worker> workers = new ArrayList<>(prefork.workers(3));
      List<String> draws = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        for (int id = 0; id < 3; id++) {
          draws.add(workers.get(id).ask("random"));
          if (round < 2) {
            workers.get(id).kill(Signal.KILL);
            workers.set(id, prefork.worker(id));
          }
        }
      }
      for (int generator = 0; generator < draws.getFirst().split(" ", -1).length; generator++) {
        int column = generator;
        assertThat(draws.stream().map(draw -> draw.split(" ", -1)[column]))
            .as("generator %d", generator)
            .hasSize(9)
            .doesNotHaveDuplicates();
      }
      endAll(workers);
      prefork.expectExit(0);
    }
  }

  @Test
  @DisplayName("C16 the listener works in every worker, also if one closes its copy")
  void shouldC16ShareTheListener() throws IOException {
    try (PreforkJvm prefork = PreforkJvm.start("3", "1")) {
      List<Worker> workers = new ArrayList<>(prefork.workers(3));
      int port = Integer.parseInt(workers.getFirst().ask("listener"));
      for (Worker worker : workers) {
        assertThat(acceptedBy(worker, port)).isEqualTo(Integer.toString(worker.id()));
      }
      assertThat(workers.getFirst().ask("close")).isEqualTo("ok");
      assertThat(acceptedBy(workers.get(1), port)).isEqualTo("1");
      assertThat(acceptedBy(workers.get(2), port)).isEqualTo("2");
      // A successor has it again.
      workers.getFirst().kill(Signal.KILL);
      workers.set(0, prefork.worker(0));
      assertThat(acceptedBy(workers.getFirst(), port)).isEqualTo("0");
      endAll(workers);
      prefork.expectExit(0);
    }
  }

  @Test
  @DisplayName("Restarts leave no descriptor, thread or zombie in the monitor")
  void shouldLeakNothingWhileRestarting() {
    try (PreforkJvm prefork = PreforkJvm.start("1", "30")) {
      Worker worker = restart(prefork, prefork.worker(0), 5);
      var descriptors = Proc.descriptors(prefork.pid()).keySet();
      var threads = Proc.threadNames(prefork.pid());
      worker = restart(prefork, worker, 20);
      assertThat(Proc.descriptors(prefork.pid()).keySet()).hasSameSizeAs(descriptors);
      assertThat(Proc.threadNames(prefork.pid())).hasSizeLessThanOrEqualTo(threads.size() + 2);
      assertThat(Proc.children(prefork.pid()))
          .containsExactlyInAnyOrder(prefork.mold(), worker.pid());
      endAll(List.of(worker));
      prefork.expectExit(0);
    }
  }

  private static Worker restart(PreforkJvm prefork, Worker first, int times) {
    Worker worker = first;
    for (int i = 0; i < times; i++) {
      worker.kill(Signal.KILL);
      Worker successor = prefork.worker(0);
      prefork.awaitGone(worker.pid());
      worker = successor;
    }
    return worker;
  }

  private static String acceptedBy(Worker worker, int port) throws IOException {
    try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout((int) TestJvm.LIMIT.toMillis());
      assertThat(worker.ask("accept")).isEqualTo("ok");
      return new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  private static void endAll(List<Worker> workers) {
    workers.forEach(worker -> worker.tell("halt 0"));
  }

  private static List<String> messages(List<String> lines) {
    return lines.stream().map(line -> line.replace("dev.tine.prefork: ", "")).toList();
  }

  private static long count(List<String> log, String regex) {
    return log.stream().filter(line -> line.matches(regex)).count();
  }
}
