package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.ProcessSample.ThreadUse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessSampleTest {
  private static ProcessSample at(long seconds, ThreadUse... threads) {
    Map<Integer, ThreadUse> all = new HashMap<>();
    for (ThreadUse thread : threads) {
      all.put(thread.tid(), thread);
    }
    return new ProcessSample(Duration.ofSeconds(seconds).toNanos(), 'S', false, all);
  }

  private static ThreadUse thread(int tid, String name, long millis) {
    return new ThreadUse(tid, name, 'S', Duration.ofMillis(millis), Duration.ZERO);
  }

  @Test
  void shouldReadALineOfTheKernel() {
    String stat = "17 (a) b (c) R 1 17 17 0 -1 4194368 5 0 0 0 230 12 0 0 20 0 1 0 99 0 0\n";
    assertThat(ProcessSample.thread(stat, "2420000000 55 9\n"))
        .hasValue(new ThreadUse(17, "a) b (c", 'R', Duration.ofMillis(2420), Duration.ofNanos(55)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "17", "17 (java", "17 (java) R 1 2"})
  void shouldReadNothingOfAThreadThatHasEnded(String stat) {
    assertThat(ProcessSample.thread(stat, "")).isEmpty();
  }

  @Test
  void shouldTellCollectorsFromTheProgram() {
    var before = at(10, thread(1, "main", 500), thread(2, "GC Thread#0", 0));
    var now =
        at(
            20,
            thread(1, "main", 5500),
            thread(2, "GC Thread#0", 1000),
            thread(3, "VM Thread", 1000),
            thread(4, "C2 CompilerThre", 9000));
    ProcessSample.Shares shares = now.since(before);
    assertThat(shares.all()).isEqualTo(1.6);
    assertThat(shares.collector()).isEqualTo(0.2);
    assertThat(shares.busiest()).hasValue(new ProcessSample.Busiest("main", 0.5));
  }

  @Test
  void shouldTakeAThreadThatWaitsForAProcessorForABusyOne() {
    var before = new ThreadUse(1, "main", 'R', Duration.ofSeconds(1), Duration.ofSeconds(5));
    var now = new ThreadUse(1, "main", 'R', Duration.ofSeconds(4), Duration.ofSeconds(11));
    ProcessSample.Shares shares = at(20, now).since(at(10, before));
    assertThat(shares.all()).isEqualTo(0.3);
    assertThat(shares.busiest()).hasValue(new ProcessSample.Busiest("main", 0.9));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "VM Thread",
        "GC Thread#11",
        "G1 Conc#0",
        "G1 Main Marker",
        "G1 Refine#0",
        "ParGC Thread#1",
        "Shenandoah GC T"
      })
  void shouldKnowTheThreadsOfCollectors(String name) {
    assertThat(thread(1, name, 0).isCollector()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "VM Periodic Tas", "http-nio-8080-e", "C1 CompilerThre"})
  void shouldTakeNoOtherForOne(String name) {
    assertThat(thread(1, name, 0).isCollector()).isFalse();
  }

  @Test
  void shouldSeeThisProcess() {
    ProcessSample self = ProcessSample.of((int) ProcessHandle.current().pid());
    assertThat(self.state()).isIn('R', 'S');
    assertThat(self.isDumpingCore()).isFalse();
    assertThat(self.threads().values()).anyMatch(ThreadUse::isCollector);
  }

  @Test
  void shouldSeeNothingOfNone() {
    assertThat(ProcessSample.of(-1).state()).isEqualTo('?');
    assertThat(ProcessSample.of(-1).threads()).isEmpty();
  }
}
