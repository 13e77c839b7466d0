package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of subprocesses when their JVM ends. */
final class JvmDeathTest {

  @Test
  void shouldDieWithAJvmThatIsKilled() {
    Subprocess jvm = OtherJvm.start("tied");
    CompletableFuture<ProcessHandle> end = end(jvm);

    jvm.signal(Signal.KILL);

    get(end);
    jvm.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stopped", "deaf"})
  void shouldBeStoppedWhenTheJvmShutsDown(String how) {
    Subprocess jvm = OtherJvm.start(how);
    CompletableFuture<ProcessHandle> end = end(jvm);

    jvm.signal(Signal.TERM);

    assertThat(get(jvm.exit()).returnCode()).isEqualTo(143); // as the JVM tells a SIGTERM
    assertThat(end.isDone() || !get(end).isAlive()).isTrue();
    jvm.close();
  }

  @Test
  void shouldOutliveTheJvmIfNothingIsSaid() {
    Subprocess jvm = OtherJvm.start("plain");
    ProcessHandle orphan = subprocess(jvm);

    jvm.signal(Signal.KILL);
    get(jvm.exit());

    assertThat(orphan.isAlive()).isTrue();
    assertThat(orphan.destroyForcibly()).isTrue();
    jvm.close();
  }

  /* A thread in native code would hold up the exit of the JVM for 300 ms. */
  @Test
  void shouldLeaveNativeCodeWhileTheJvmShutsDown() throws Exception {
    Result result = OtherJvm.command(LateRun.class).run();

    assertThat(result.text()).isEqualTo("WAITING late\n");
  }

  private static CompletableFuture<ProcessHandle> end(Subprocess jvm) {
    return subprocess(jvm).onExit();
  }

  private static ProcessHandle subprocess(Subprocess jvm) {
    long pid = Long.parseLong(text(jvm.stdout().readUntil("\n")).strip());
    return ProcessHandle.of(pid).orElseThrow();
  }
}
