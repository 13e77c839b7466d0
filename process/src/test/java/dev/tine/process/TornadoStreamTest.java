package dev.tine.process;

import static dev.tine.process.Kit.bytes;
import static dev.tine.process.Kit.failure;
import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The behaviours of tornado/test/iostream_test.py, TestReadWriteMixin and TestPipeIOStream. */
final class TornadoStreamTest {
  private PipePair pipe = new PipePair();

  @AfterEach
  void closePipe() {
    pipe.close();
  }

  @Test
  void shouldWriteNothing() {
    assertThat(get(pipe.writer.write(new byte[0]))).isNull();
  }

  @Test
  void shouldReadWhatIsBufferedAfterTheOtherEndClosed() {
    get(pipe.writer.write("12"));
    pipe.writer.close();

    assertThat(text(pipe.reader.readBytes(1))).isEqualTo("1");
    assertThat(text(pipe.reader.readBytes(1))).isEqualTo("2");
  }

  @Test
  void shouldReadBufferedDataAcrossTheClose() {
    get(pipe.writer.write("A".repeat(512)));

    assertThat(text(pipe.reader.readBytes(256))).isEqualTo("A".repeat(256));
    pipe.writer.close();
    assertThat(text(pipe.reader.readBytes(256))).isEqualTo("A".repeat(256));
  }

  @Test
  void shouldReadUntilCloseAfterTheClose() {
    get(pipe.writer.write("1234"));
    pipe.writer.close();
    assertThat(text(pipe.reader.readBytes(1))).isEqualTo("1");

    assertThat(text(pipe.reader.readUntilClose())).isEqualTo("234");
    assertThat(text(pipe.reader.readUntilClose())).isEmpty();
  }

  @Test
  void shouldSearchInLinearTime() {
    int size = 4 << 20;
    CompletableFuture<byte[]> read = pipe.reader.readUntil("\r\n");
    long startNanos = System.nanoTime();
    for (int i = 0; i < 64; i++) {
      get(pipe.writer.write(new byte[size / 64]));
    }
    get(pipe.writer.write("\r\n"));

    assertThat(get(read)).hasSize(size + 2);
    assertThat(System.nanoTime() - startNanos).isLessThan(TimeUnit.SECONDS.toNanos(20));
  }

  @Test
  void shouldFindADelimiterThatWasBufferedBeforeTheClose() {
    get(pipe.writer.write("a\r\nb\r\n"));
    assertThat(text(pipe.reader.readUntil("\r\n"))).isEqualTo("a\r\n");
    pipe.writer.close();

    assertThat(text(pipe.reader.readUntil("\r\n"))).isEqualTo("b\r\n");
  }

  @Test
  void shouldFailWithCloseAndNotUnsatisfiableWhenTheEndComesFirst() {
    CompletableFuture<byte[]> read = pipe.reader.readUntil(bytesOf("zzz"), 10);
    get(pipe.writer.write("abc"));
    pipe.writer.close();

    assertThat(failure(read))
        .isInstanceOfSatisfying(
            StreamClosedException.class, e -> assertThat(e.realError()).isEmpty());
  }

  @Test
  void shouldCallBackWhenClosedAfterThePendingRead() {
    List<String> order = new ArrayList<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    pipe.close();
    EventLoop loop = EventLoop.open("order", EventLoop.ON_LOOP);
    pipe = new PipePair(loop, 1000, 1000);
    CompletableFuture<byte[]> read = pipe.reader.readBytes(4);
    var last = read.thenAccept(bytes -> order.add("read " + new String(bytes, UTF_8)));
    pipe.reader.onClose(() -> {
      order.add("closed");
      closed.complete(null);
    });

    get(pipe.writer.write("data"));
    get(last);
    pipe.writer.close();

    get(closed);
    assertThat(order).containsExactly("read data", "closed");
    loop.close();
  }

  @Test
  void shouldFailPendingReadsWhenTheOtherEndCloses() {
    CompletableFuture<byte[]> read = pipe.reader.readBytes(9);
    pipe.writer.close();

    assertThat(failure(read)).isInstanceOf(StreamClosedException.class);
    assertThat(pipe.reader.isClosed()).isTrue();
    assertThatThrownBy(() -> pipe.reader.readBytes(1)).isInstanceOf(StreamClosedException.class);
  }

  @Test
  void shouldNotKeepWhatWasHandedOver() {
    byte[] big = bytes(1 << 20);
    byte[] original = big.clone();
    CompletableFuture<byte[]> read = pipe.reader.readBytes(big.length);

    var _ = pipe.writer.write(ByteBuffer.wrap(big));
    Arrays.fill(big, (byte) 0);

    assertThat(get(read)).isEqualTo(original);
  }

  @Test
  void shouldReadPartOfTheBytes() {
    CompletableFuture<byte[]> waiting = pipe.reader.readSome(50);
    get(pipe.writer.write("hello"));
    assertThat(text(waiting)).isEqualTo("hello");

    get(pipe.writer.write("hello world"));
    assertThat(text(pipe.reader.readSome(5))).isEqualTo("hello");
    assertThat(text(pipe.reader.readSome(100))).isEqualTo(" world");
    assertThat(get(pipe.reader.readSome(0))).isEmpty();
    assertThat(get(pipe.reader.readBytes(0))).isEmpty();
  }

  @Test
  void shouldFindADelimiterWithinTheLimit() {
    get(pipe.writer.write("abcdef"));

    assertThat(text(pipe.reader.readUntil(bytesOf("def"), 50))).isEqualTo("abcdef");

    get(pipe.writer.write("abcdef"));
    assertThat(text(pipe.reader.readUntil(bytesOf("def"), 6))).isEqualTo("abcdef");
  }

  @Test
  void shouldCloseForADelimiterBeyondTheLimit() {
    CompletableFuture<byte[]> waiting = pipe.reader.readUntil(bytesOf("def"), 5);
    get(pipe.writer.write("123456"));

    assertUnsatisfiable(waiting);
    assertThat(pipe.reader.isClosed()).isTrue();
  }

  @Test
  void shouldNotThrowAtOnceWhenTheLimitIsPassedByWhatIsBuffered() {
    get(pipe.writer.write("123456 and more"));
    get(pipe.reader.readBytes(0));
    assertThat(text(pipe.reader.readBytes(1))).isEqualTo("1");

    assertUnsatisfiable(pipe.reader.readUntil(bytesOf("zzz"), 3));
  }

  @Test
  void shouldNotTakeAMatchThatEndsBeyondTheLimit() {
    get(pipe.writer.write("abcdef"));
    assertUnsatisfiable(pipe.reader.readUntil(bytesOf("def"), 5));

    pipe.close();
    pipe = new PipePair();
    get(pipe.writer.write("abcdef"));
    assertUnsatisfiable(pipe.reader.readUntilRegex(Pattern.compile("def"), 5));

    pipe.close();
    pipe = new PipePair();
    get(pipe.writer.write("abcdef"));
    assertThat(text(pipe.reader.readUntilRegex(Pattern.compile("d.f"), 6))).isEqualTo("abcdef");
  }

  @Test
  void shouldFindTheFirstMatch() {
    CompletableFuture<byte[]> read = pipe.reader.readUntilRegex("\r?\n\r?\n");
    get(pipe.writer.write("HTTP/1.0 200 OK\r\nA: b\r"));
    get(pipe.writer.write("\n\r\nbody"));

    assertThat(text(read)).isEqualTo("HTTP/1.0 200 OK\r\nA: b\r\n\r\n");
    assertThat(text(pipe.reader.readBytes(4))).isEqualTo("body");
  }

  @Test
  void shouldReadSmallPiecesOfALargeStreamWithASmallBuffer() {
    EventLoop loop = EventLoop.open("small");
    try (PipePair small = new PipePair(loop, 70_000, 1 << 20)) {
      var written = small.writer.write("a".repeat(1024 * 100));
      for (int i = 0; i < 100; i++) {
        assertThat(get(small.reader.readBytes(1024))).hasSize(1024);
      }
      get(written);

      var lines = small.writer.write(("a".repeat(1023) + "\n").repeat(100));
      for (int i = 0; i < 100; i++) {
        assertThat(get(small.reader.readUntil(bytesOf("\n"), 1024))).hasSize(1024);
      }
      get(lines);
    }
    loop.close();
  }

  @Test
  void shouldStopReadingWithoutARead() {
    byte[] megabyte = bytes(1 << 20);
    EventLoop loop = EventLoop.open("flow");
    try (PipePair limited = new PipePair(loop, 5 << 20, 20 << 20)) {
      CompletableFuture<Void> written = limited.writer.write(new byte[0]);
      for (int i = 0; i < 10; i++) {
        written = limited.writer.write(megabyte);
      }
      for (int i = 0; i < 10; i++) {
        assertThat(get(limited.reader.readBytes(1 << 20))).isEqualTo(megabyte);
      }
      get(written);
    }
    loop.close();
  }

  @Test
  void shouldCloseWhenOneReadIsTooMuchForTheBuffer() {
    EventLoop loop = EventLoop.open("full");
    try (PipePair limited = new PipePair(loop, 100_000, 1 << 20)) {
      CompletableFuture<byte[]> read = limited.reader.readUntil("\n");
      var _ = limited.writer.write(new byte[300_000]);

      assertThat(failure(read))
          .isInstanceOfSatisfying(
              StreamClosedException.class,
              e -> assertThat(e.realError()).get().isInstanceOf(BufferFullException.class));
    }
    loop.close();
  }

  @Test
  void shouldRefuseAWriteBeyondTheLimitAndQueueNothingOfIt() {
    EventLoop loop = EventLoop.open("writes");
    try (PipePair limited = new PipePair(loop, 1 << 20, 100_000)) {
      var first = limited.writer.write(new byte[160_000]);
      long queued = limited.writer.queuedBytes();

      assertThat(queued).isPositive();
      assertThatThrownBy(() -> limited.writer.write(new byte[90_000]))
          .isInstanceOf(BufferFullException.class)
          .hasMessageContaining("100000");
      assertThat(limited.writer.queuedBytes()).isEqualTo(queued);
      assertThat(get(limited.reader.readBytes(160_000))).hasSize(160_000);
      get(first);
    }
    loop.close();
  }

  @Test
  void shouldReadIntoABuffer() {
    ByteBuffer buffer = ByteBuffer.allocate(10);
    CompletableFuture<Integer> read = pipe.reader.readInto(buffer);
    get(pipe.writer.write("hello"));
    assertThat(read).isNotDone();
    get(pipe.writer.write("world!!"));

    assertThat(get(read)).isEqualTo(10);
    assertThat(new String(buffer.array(), UTF_8)).isEqualTo("helloworld");

    // What was too much is first in the next.
    ByteBuffer rest = ByteBuffer.allocate(4);
    get(pipe.writer.write("1234567890"));
    assertThat(get(pipe.reader.readInto(rest))).isEqualTo(4);
    assertThat(new String(rest.array(), UTF_8)).isEqualTo("!!12");
    assertThat(text(pipe.reader.readBytes(8))).isEqualTo("34567890");
  }

  @Test
  void shouldReadPartIntoABuffer() {
    ByteBuffer buffer = ByteBuffer.allocate(10);
    get(pipe.writer.write("hello"));
    assertThat(get(pipe.reader.readSomeInto(buffer))).isEqualTo(5);

    get(pipe.writer.write("world!1234567890"));
    assertThat(get(pipe.reader.readSomeInto(buffer))).isEqualTo(5);
    assertThat(new String(buffer.array(), UTF_8)).isEqualTo("helloworld");
    assertThat(text(pipe.reader.readBytes(11))).isEqualTo("!1234567890");
    assertThat(get(pipe.reader.readInto(ByteBuffer.allocate(0)))).isZero();
  }

  @Test
  void shouldMixReadsOfRandomSizes() throws Exception {
    Random random = new Random(42);
    byte[] data = new byte[1 << 20];
    random.nextBytes(data);
    var written = pipe.writer.write(data);
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    int done = 0;
    while (done < data.length) {
      int size = Math.min(data.length - done, random.nextInt(4096) + 1);
      switch (random.nextInt(4)) {
        case 0 -> digest.update(get(pipe.reader.readBytes(size)));
        case 1 -> {
          byte[] some = get(pipe.reader.readSome(size));
          assertThat(some.length).isBetween(1, size);
          digest.update(some);
          size = some.length;
        }
        case 2 -> {
          ByteBuffer buffer = ByteBuffer.allocate(size);
          get(pipe.reader.readInto(buffer));
          digest.update(buffer.array());
        }
        default -> {
          ByteBuffer buffer = ByteBuffer.allocate(size);
          size = get(pipe.reader.readSomeInto(buffer));
          digest.update(buffer.array(), 0, size);
        }
      }
      done += size;
    }
    get(written);

    assertThat(digest.digest()).isEqualTo(MessageDigest.getInstance("SHA-1").digest(data));
  }

  @Test
  void shouldReadInSeveralWaysInOneConversation() {
    var _ = pipe.writer.write("hel");
    var _ = pipe.writer.write("lo\r\nworld");

    assertThat(text(pipe.reader.readUntil("\r\n"))).isEqualTo("hello\r\n");
    assertThat(text(pipe.reader.readBytes(5))).isEqualTo("world");
    pipe.writer.close();
    assertThat(text(pipe.reader.readUntilClose())).isEmpty();
  }

  @Test
  void shouldFinishABigWrite() {
    byte[] data = bytes(1 << 20);
    CompletableFuture<Void> written = pipe.writer.write(data);
    assertThat(written).isNotDone();

    assertThat(get(pipe.reader.readBytes(data.length))).isEqualTo(data);
    get(written);
  }

  @Test
  void shouldFinishTheWritesOfManyProducers() throws Exception {
    List<Thread> producers = new ArrayList<>();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      producers.add(
          Thread.startVirtualThread(() -> {
            for (int k = 0; k < 100; k++) {
              var write = pipe.writer.write("x".repeat(1999) + "\n");
              synchronized (writes) {
                writes.add(write);
              }
            }
          }));
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(get(pipe.reader.readUntil("\n"))).hasSize(2000);
    }
    for (Thread producer : producers) {
      producer.join();
    }
    assertThat(writes).hasSize(1000);
    writes.forEach(Kit::get);
  }

  @Test
  void shouldAllowOneReadAtATime() {
    var first = pipe.reader.readBytes(1);

    assertThatThrownBy(() -> pipe.reader.readBytes(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is being read already");

    get(pipe.writer.write("x"));
    assertThat(text(first)).isEqualTo("x");
  }

  @Test
  void shouldLoseNoBytesToAReadThatIsCancelled() {
    var first = pipe.reader.readBytes(2);
    get(pipe.writer.write("a"));
    assertThat(first.cancel(false)).isTrue();
    var second = pipe.reader.readBytes(2).orTimeout(1, TimeUnit.MILLISECONDS);
    assertThat(failure(second)).isInstanceOf(TimeoutException.class);
    get(pipe.writer.write("b"));

    assertThat(text(pipe.reader.readBytes(2))).isEqualTo("ab");
  }

  @Test
  void shouldEndReadsOfAClosedStream() {
    get(pipe.writer.write("abc"));
    var whole = pipe.reader.readUntilClose();

    pipe.reader.close();
    pipe.reader.close();

    assertThat(get(whole).length).isLessThanOrEqualTo(3);
    assertThat(get(pipe.reader.readUntilClose())).isEmpty();
  }

  @Test
  void shouldFailTheWritesUnderWayWhenTheReaderIsGone() {
    var first = pipe.writer.write(bytes(1 << 20));
    pipe.reader.close();

    assertThat(failure(first))
        .isInstanceOfSatisfying(
            StreamClosedException.class,
            e ->
                assertThat(e.realError())
                    .get()
                    .isInstanceOf(IOException.class)
                    .extracting(Throwable::getMessage)
                    .isEqualTo("write: Broken pipe"));
    assertThatThrownBy(() -> pipe.writer.write("x")).isInstanceOf(StreamClosedException.class);
  }

  @Test
  void shouldTellAnIdleWriterThatTheReaderIsGone() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    pipe.writer.onClose(() -> closed.complete(null));

    pipe.reader.close();

    get(closed);
    assertThat(pipe.writer.isClosed()).isTrue();
  }

  @Test
  void shouldCloseWhenAllIsWritten() {
    byte[] data = bytes(300_000);
    var _ = pipe.writer.write(data);
    var finished = pipe.writer.finish();

    assertThatThrownBy(() -> pipe.writer.write("x")).isInstanceOf(StreamClosedException.class);
    assertThat(get(pipe.reader.readUntilClose())).isEqualTo(data);
    get(finished);
    assertThat(pipe.writer.isClosed()).isTrue();
  }

  private static void assertUnsatisfiable(CompletableFuture<byte[]> read) {
    assertThat(failure(read))
        .isInstanceOfSatisfying(
            StreamClosedException.class,
            e -> assertThat(e.realError()).get().isInstanceOf(UnsatisfiableReadException.class));
  }

  private static byte[] bytesOf(String text) {
    return text.getBytes(UTF_8);
  }
}
