package dev.tine.process;

import static dev.tine.process.Kit.bytes;
import static dev.tine.process.Kit.failure;
import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.text;
import static dev.tine.process.Stdio.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.Adler32;
import org.junit.jupiter.api.Test;

/**
 * The behaviours of NuProcess's tests: CatTest, FastExitingProcessTest, ThreadedTest,
 * DirectWriteTest.
 */
final class NuProcessTest {
  private static final Command CAT = Command.of("cat").stdin(STREAM).stdout(STREAM);

  @Test
  void shouldPassDataThroughManyAtATime() {
    for (int round = 0; round < 3; round++) {
      List<Subprocess> cats = new ArrayList<>();
      List<CompletableFuture<byte[]>> outputs = new ArrayList<>();
      byte[] piece = bytes(60_000);
      for (int i = 0; i < 100; i++) {
        Subprocess cat = CAT.start();
        cats.add(cat);
        outputs.add(cat.stdout().readUntilClose());
        for (int k = 0; k < 10; k++) {
          var _ = cat.stdin().write(piece);
        }
        var _ = cat.stdin().finish();
      }
      Adler32 expected = new Adler32();
      for (int k = 0; k < 10; k++) {
        expected.update(piece);
      }
      for (int i = 0; i < 100; i++) {
        Adler32 sum = new Adler32();
        sum.update(get(outputs.get(i)));
        assertThat(sum.getValue()).isEqualTo(expected.getValue());
        assertThat(get(cats.get(i).exit()).isSuccess()).isTrue();
      }
    }
  }

  @Test
  void shouldDecodeCharactersThatStraddleBuffers() throws Exception {
    String text = "❤".repeat(65_537);

    assertThat(Command.of("cat").stdin(Stdio.text(text)).run().text()).isEqualTo(text);
  }

  @Test
  void shouldTellABadExit() {
    Subprocess p = Command.of("cat", "/no/such/file").stderr(Stdio.DISCARD).start();

    assertThat(failure(p.waitForExit())).isInstanceOf(CommandFailedException.class);
    assertThat(get(p.exit()).returnCode()).isEqualTo(1);
  }

  @Test
  void shouldNeverLoseTheOutputOfAShortProgram() throws Exception {
    for (int i = 0; i < 250; i++) {
      Subprocess p = Command.of("echo", "hello").stdout(STREAM).start();
      if (i % 2 == 0) {
        p.waitFor();
      }
      assertThat(text(p.stdout().readUntilClose())).isEqualTo("hello\n");
      assertThat(get(p.exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldServeManyThreads() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<Long> sums = new ArrayList<>();
    byte[] piece = bytes(60_000);
    for (int t = 0; t < 8; t++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (Subprocess cat = CAT.start()) {
                  Thread writer = Thread.startVirtualThread(() -> writeAll(cat, piece));
                  InputStream in = cat.stdout().asInputStream();
                  Adler32 sum = new Adler32();
                  byte[] some = new byte[10_000];
                  for (int n; (n = in.read(some)) >= 0; ) {
                    sum.update(some, 0, n);
                  }
                  writer.join();
                  synchronized (sums) {
                    sums.add(sum.getValue());
                  }
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Adler32 expected = new Adler32();
    for (int k = 0; k < 100; k++) {
      expected.update(piece);
    }

    assertThat(sums).hasSize(8).allMatch(sum -> sum == expected.getValue());
  }

  @Test
  void shouldWriteConsecutively() {
    try (Subprocess cat = CAT.start()) {
      for (int i = 0; i < 1000; i++) {
        var _ = cat.stdin().write("Write number..\n".substring(0, 14));
      }
      assertThat(get(cat.stdout().readBytes(14_000))).hasSize(14_000);
      get(cat.stdin().finish());
      assertThat(get(cat.exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldCloseSoftlyAfterAllWasWritten() {
    for (int i = 0; i < 20; i++) {
      byte[] data = bytes(346_320);
      Subprocess cat = CAT.start();
      var output = cat.stdout().readUntilClose();
      var _ = cat.stdin().write(data);
      var _ = cat.stdin().finish();

      assertThat(get(output)).isEqualTo(data);
      assertThat(get(cat.exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldFitTheWritesOfACallbackIn() {
    try (Subprocess cat = CAT.start()) {
      var second = cat.stdin().write("first ").thenCompose(done -> cat.stdin().write("second"));
      get(second);

      assertThat(text(cat.stdout().readBytes(12))).isEqualTo("first second");
    }
  }

  private static void writeAll(Subprocess cat, byte[] piece) {
    try (OutputStream out = cat.stdin().asOutputStream()) {
      for (int k = 0; k < 100; k++) {
        out.write(piece);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
