package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redirections and streams: the Linux behaviours of the JDK's Basic.java. */
final class StdioTest {
  @TempDir Path directory;

  @Test
  void shouldHaveValues() {
    Path a = Path.of("a");

    assertThat(Stdio.from(a)).isEqualTo(Stdio.from(Path.of("a"))).isNotEqualTo(Stdio.to(a));
    assertThat(Stdio.to(a)).isNotEqualTo(Stdio.append(a));
    assertThat(Stdio.STREAM).hasToString("STREAM");
    assertThatThrownBy(() -> Stdio.descriptor(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldWriteAppendAndTruncateFiles() throws Exception {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Command both = shell("echo out; echo err >&2");

    both.stdout(Stdio.to(out)).stderr(Stdio.to(err)).run();
    both.stdout(Stdio.append(out)).stderr(Stdio.to(err)).run();

    assertThat(out).hasContent("out\nout\n");
    assertThat(err).hasContent("err\n");
  }

  @Test
  void shouldMergeStderrIntoStdoutInOrder() throws Exception {
    Path file = directory.resolve("both");
    Command mixed =
        shell("printf out; printf err >&2; printf out; printf err >&2").stderr(Stdio.STDOUT);

    mixed.stdout(Stdio.to(file)).run();

    assertThat(file).hasContent("outerrouterr");
    assertThat(mixed.run().text()).isEqualTo("outerrouterr");
    assertThat(mixed.run().stderr().text()).isEmpty();
  }

  @Test
  void shouldAppendBothToOneFile() throws Exception {
    Path file = directory.resolve("both");

    shell("echo out; echo err >&2").stdout(Stdio.append(file)).stderr(Stdio.append(file)).run();

    assertThat(file).hasContent("out\nerr\n");
  }

  @Test
  void shouldDiscard() throws Exception {
    Result result =
        shell("cat; echo out; echo err >&2")
            .stdin(Stdio.DISCARD)
            .stdout(Stdio.DISCARD)
            .stderr(Stdio.DISCARD)
            .run();

    assertThat(result.text()).isEmpty();
    assertThat(result.stderr().text()).isEmpty();
  }

  @Test
  void shouldPassFurtherDescriptors() throws Exception {
    Path in = Files.writeString(directory.resolve("in"), "seven\n");
    Path out = directory.resolve("out");

    shell("cat <&7 >&5").descriptor(7, Stdio.from(in)).descriptor(5, Stdio.to(out)).run();

    assertThat(out).hasContent("seven\n");
  }

  @Test
  void shouldNotOpenWhatIsNoStream() {
    try (Subprocess p = Command.of("true").stdin(Stdio.DISCARD).start()) {
      assertThatThrownBy(p::stdin)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("stdin of true is no stream: start it with stdin(STREAM)");
    }
  }

  @Test
  void shouldFitInThePipesWithoutAReader() throws Exception {
    Subprocess p =
        shell("read -r a; printf %s \"$a\"; printf %s \"$a\" >&2")
            .stdin(Stdio.STREAM)
            .stdout(Stdio.STREAM)
            .stderr(Stdio.STREAM)
            .start();
    String line = "x".repeat(4094);
    get(p.stdin().write(line + "\n"));

    assertThat(p.waitFor().isSuccess()).isTrue();
    assertThat(text(p.stdout().readUntilClose())).isEqualTo(line);
    assertThat(text(p.stderr().readUntilClose())).isEqualTo(line);
    p.close();
  }

  @Test
  void shouldReadWhatWasBufferedAfterTheEndAndThenTheEnd() throws Exception {
    Subprocess p = shell("printf 12345").stdout(Stdio.STREAM).start();
    p.waitFor();

    try (InputStream in = p.stdout().asInputStream()) {
      assertThat(in.read()).isEqualTo('1');
      assertThat(in.readAllBytes()).asString().isEqualTo("2345");
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(new byte[3])).isEqualTo(-1);
    }
  }

  @Test
  void shouldFailToWriteAfterTheEnd() throws Exception {
    Subprocess p = Command.of("true").stdin(Stdio.STREAM).start();
    p.waitFor();

    try (OutputStream out = p.stdin().asOutputStream()) {
      assertThatThrownBy(() -> out.write(1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void shouldFailOnAClosedJavaStream() throws Exception {
    try (Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start()) {
      InputStream in = p.stdout().asInputStream();
      in.close();

      assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("Stream closed");
    }
  }

  @Test
  void shouldEndABlockedReadWhenTheStreamIsClosed() throws Exception {
    try (Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start()) {
      InputStream in = p.stdout().asInputStream();
      CompletableFuture<String> end = new CompletableFuture<>();
      Thread reader =
          Thread.startVirtualThread(() -> {
            try {
              end.complete("read " + in.read());
            } catch (IOException e) {
              end.complete(e.getMessage());
            }
          });
      while (reader.getState() == Thread.State.NEW || reader.getState() == Thread.State.RUNNABLE) {
        Thread.onSpinWait();
      }

      in.close();

      assertThat(get(end)).isEqualTo("Stream closed");
    }
  }

  @Test
  void shouldEndABlockedReadWhenTheSubprocessIsKilled() throws Exception {
    Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start();
    CompletableFuture<Integer> read = new CompletableFuture<>();
    var _ =
        Thread.startVirtualThread(() -> {
          try {
            read.complete(p.stdout().asInputStream().read());
          } catch (IOException e) {
            read.completeExceptionally(e);
          }
        });

    p.signal(Signal.KILL);

    assertThat(get(read)).isEqualTo(-1);
    assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
    p.close();
  }

  @Test
  void shouldKeepTheInterruptAndTheBytesOfAnInterruptedRead() throws Exception {
    try (PipePair pipe = new PipePair()) {
      InputStream in = pipe.reader.asInputStream();
      Thread.currentThread().interrupt();

      assertThatThrownBy(in::read).isInstanceOf(InterruptedIOException.class);

      assertThat(Thread.interrupted()).isTrue();
      get(pipe.writer.write("kept"));
      assertThat(in.readNBytes(4)).asString().isEqualTo("kept");
    }
  }

  @Test
  void shouldReadLinesWithoutSplittingACharacter() throws Exception {
    String hearts = "❤".repeat(65_537);

    try (Subprocess p =
        Command.of("cat").stdin(Stdio.text(hearts + "\n🚀\n")).stdout(Stdio.STREAM).start()) {
      assertThat(p.stdout().lines(StandardCharsets.UTF_8)).isEqualTo(List.of(hearts, "🚀"));
    }
  }

  @Test
  void shouldServeOldCode() throws Exception {
    try (Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start();
        OutputStream out = p.stdin().asOutputStream();
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(p.stdout().asInputStream(), StandardCharsets.UTF_8))) {
      out.write("hello\n".getBytes(StandardCharsets.UTF_8));
      assertThat(in.readLine()).isEqualTo("hello");
      p.stdin().close();
      assertThat(in.readLine()).isNull();
    }
  }
}
