package dev.tine.process;

import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/** A {@link ReadStream} as a publisher: reads as much as is asked for, and no more. */
final class ReadPublisher implements Flow.Publisher<ByteBuffer> {
  private final ReadStream stream;
  private final EventLoop loop;
  private boolean taken;

  ReadPublisher(ReadStream stream, EventLoop loop) {
    this.stream = stream;
    this.loop = loop;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    if (takes()) {
      subscriber.onSubscribe(new Reading(subscriber));
      return;
    }
    subscriber.onSubscribe(new Nothing());
    subscriber.onError(new IllegalStateException(stream + " has a subscriber already"));
  }

  private synchronized boolean takes() {
    boolean first = !taken;
    taken = true;
    return first;
  }

  /** What a second subscriber gets. */
  private static final class Nothing implements Flow.Subscription {
    @Override
    public void request(long count) {}

    @Override
    public void cancel() {}
  }

  /** One step at a time: the next read begins when the subscriber has had the last. */
  private final class Reading implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private long demand;
    private boolean busy;
    private volatile boolean cancelled;

    Reading(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      if (count <= 0) {
        cancel();
        loop.call(
            loop.callbacks(),
            () -> subscriber.onError(new IllegalArgumentException("a demand of " + count)));
        return;
      }
      synchronized (this) {
        demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
        if (busy) {
          return;
        }
        busy = true;
      }
      next();
    }

    @Override
    public void cancel() {
      cancelled = true;
      stream.close();
    }

    private void next() {
      synchronized (this) {
        if (cancelled || demand == 0) {
          busy = false;
          return;
        }
        demand--;
      }
      ReadFuture<byte[]> read;
      try {
        read = stream.read(EventLoop.READ_CHUNK_BYTES, EventLoop.ON_LOOP);
      } catch (StreamClosedException e) {
        loop.call(loop.callbacks(), () -> end(e));
        return;
      }
      var _ =
          read.whenComplete((bytes, error) ->
              loop.call(
                  loop.callbacks(),
                  () -> {
                    if (error != null) {
                      end(error);
                    } else if (!cancelled) {
                      subscriber.onNext(ByteBuffer.wrap(bytes));
                      next();
                    }
                  }));
    }

    private void end(Throwable error) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      if (error instanceof StreamClosedException closed && closed.realError().isEmpty()) {
        subscriber.onComplete();
      } else {
        subscriber.onError(error);
      }
    }
  }
}
