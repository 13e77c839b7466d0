package dev.tine.process;

import static dev.tine.process.Kit.bytes;
import static dev.tine.process.Kit.failure;
import static dev.tine.process.Kit.get;
import static dev.tine.process.Stdio.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Streams as {@link Flow}. */
final class FlowTest {

  @Test
  void shouldPublishWhatIsAskedForAndNoMore() {
    try (Subprocess yes = Command.of("yes").stdout(STREAM).start()) {
      Collector collector = new Collector(0);
      yes.stdout().asPublisher().subscribe(collector);
      collector.ask(3);

      get(collector.arrived(3));
      assertThat(yes.stdout().buffered()).isZero();
      assertThat(collector.pieces).isEqualTo(3);
      collector.cancel();
      assertThat(yes.stdout().isClosed()).isTrue();
    }
  }

  @Test
  void shouldConnectPublisherAndSubscriber() throws Exception {
    byte[] data = bytes(1_000_000);
    try (Subprocess cat = Command.of("cat").stdin(STREAM).stdout(STREAM).start()) {
      Collector collector = new Collector(Long.MAX_VALUE);
      cat.stdout().asPublisher().subscribe(collector);
      try (SubmissionPublisher<ByteBuffer> source = new SubmissionPublisher<>()) {
        source.subscribe(cat.stdin().asSubscriber());
        for (int at = 0; at < data.length; at += 10_000) {
          source.submit(ByteBuffer.wrap(data, at, 10_000));
        }
      }

      assertThat(get(collector.end)).isEqualTo(data);
      assertThat(get(cat.exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldHaveOneSubscriber() {
    try (Subprocess cat = Command.of("cat").stdin(STREAM).stdout(STREAM).start()) {
      Flow.Publisher<ByteBuffer> publisher = cat.stdout().asPublisher();
      publisher.subscribe(new Collector(1));
      Collector second = new Collector(1);
      publisher.subscribe(second);

      assertThat(failure(second.end)).hasMessageContaining("has a subscriber already");
    }
  }

  @Test
  void shouldCancelAPublisherWhoseProgramReadsNoMore() throws Exception {
    try (Subprocess program = Command.of("true").stdin(STREAM).start();
        SubmissionPublisher<ByteBuffer> source = new SubmissionPublisher<>()) {
      source.subscribe(program.stdin().asSubscriber());
      get(program.exit());

      while (source.hasSubscribers()) {
        Thread.onSpinWait();
      }
      assertThat(program.stdin().isClosed()).isTrue();
    }
  }

  private static final class Collector implements Flow.Subscriber<ByteBuffer> {
    final CompletableFuture<byte[]> end = new CompletableFuture<>();
    private final CompletableFuture<Void> arrived = new CompletableFuture<>();
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final long first;
    private Flow.@Nullable Subscription subscription;
    private volatile int wanted = Integer.MAX_VALUE;
    private volatile int pieces;

    Collector(long first) {
      this.first = first;
    }

    void ask(long count) {
      Objects.requireNonNull(subscription).request(count);
    }

    void cancel() {
      Objects.requireNonNull(subscription).cancel();
    }

    CompletableFuture<Void> arrived(int count) {
      wanted = count;
      if (pieces >= count) {
        arrived.complete(null);
      }
      return arrived;
    }

    @Override
    public void onSubscribe(Flow.Subscription offered) {
      subscription = offered;
      if (first > 0) {
        offered.request(first);
      }
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one piece at a time
    public void onNext(ByteBuffer bytes) {
      byte[] piece = new byte[bytes.remaining()];
      bytes.get(piece);
      all.writeBytes(piece);
      pieces++;
      if (pieces >= wanted) {
        arrived.complete(null);
      }
    }

    @Override
    public void onError(Throwable error) {
      end.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      end.complete(all.toByteArray());
    }
  }
}
