package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PipelineTest {
  @TempDir Path directory;

  @Test
  void shouldConnectCommands() throws Exception {
    PipelineResult result =
        Pipeline.of(
                Command.of("printf", "b\\na\\nb\\n"), Command.of("sort"), Command.of("uniq", "-c"))
            .run();

    assertThat(result.text().lines().map(String::strip)).containsExactly("1 a", "2 b");
    assertThat(result.stages()).hasSize(3).allMatch(Result::isSuccess);
  }

  @Test
  void shouldFailWithTheLastThatFails() {
    Pipeline pipeline = Pipeline.of(shell("exit 3"), shell("cat; exit 4"), Command.of("cat"));

    assertThatThrownBy(pipeline::run)
        .isInstanceOfSatisfying(
            CommandFailedException.class, e -> assertThat(e.status().returnCode()).isEqualTo(4));
  }

  @Test
  void shouldTellOfEachStage() throws Exception {
    PipelineResult result =
        Pipeline.of(shell("echo one >&2; exit 3").unchecked(), shell("cat; echo two >&2")).run();

    assertThat(result.isSuccess()).isFalse();
    assertThat(result.stages().get(0).status().returnCode()).isEqualTo(3);
    assertThat(result.stages().get(0).stderr().text()).isEqualTo("one\n");
    assertThat(result.stages().get(1).stderr().text()).isEqualTo("two\n");
  }

  @Test
  void shouldAllowACommandNotToReadAllOfItsInput() throws Exception {
    PipelineResult result = Pipeline.of(Command.of("yes"), Command.of("head", "-n", "1")).run();

    assertThat(result.text()).isEqualTo("y\n");
    assertThat(result.stages().getFirst().status().returnCode()).isEqualTo(-13);
    assertThat(result.isSuccess()).isTrue();
  }

  @Test
  void shouldCopyToAFile() throws Exception {
    Path file = directory.resolve("copy");

    assertThat(
            Pipeline.of(Command.of("echo", "x"))
                .tee(file)
                .pipe(Command.of("tr", "x", "y"))
                .run()
                .text())
        .isEqualTo("y\n");
    assertThat(file).hasContent("x\n");
  }

  @Test
  void shouldStopAllWhenOneTakesTooLong() {
    Pipeline pipeline =
        Pipeline.of(Command.of("sleep", "1000"), Command.of("cat").timeout(Duration.ofMillis(100)));

    assertThatThrownBy(pipeline::run).isInstanceOf(SubprocessTimeoutException.class);
  }

  @Test
  void shouldStartAllOrNone() {
    Pipeline pipeline =
        Pipeline.of(Command.of("cat").stdin(Stdio.STREAM), Command.of("/no/program"));

    assertThatThrownBy(pipeline::start).isInstanceOf(SpawnException.class);
    assertThatThrownBy(pipeline::run).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> Pipeline.of(Command.of("sleep", "1000"), Command.of("/no/program")).run())
        .isInstanceOf(SpawnException.class);
  }

  @Test
  void shouldRunAsAWhole() throws Exception {
    try (RunningPipeline running =
        Pipeline.of(
                Command.of("cat").stdin(Stdio.STREAM),
                Command.of("tr", "a-z", "A-Z").stdout(Stdio.STREAM))
            .start()) {
      get(running.stdin().write("shout"));
      running.stdin().close();

      assertThat(text(running.stdout().readUntilClose())).isEqualTo("SHOUT");
      assertThat(get(running.exit())).hasSize(2).allMatch(ExitStatus::isSuccess);
    }
  }

  @Test
  void shouldLookLikeOne() {
    assertThat(Pipeline.of(Command.of("a", "b c"), Command.of("d"))).hasToString("a 'b c' | d");
  }
}
