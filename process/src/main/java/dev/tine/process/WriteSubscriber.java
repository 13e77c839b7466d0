package dev.tine.process;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Flow;

/** A {@link WriteStream} as a subscriber: asks for the next when the last is in the pipe. */
final class WriteSubscriber implements Flow.Subscriber<ByteBuffer> {
  private final WriteStream stream;
  private Optional<Flow.Subscription> subscription = Optional.empty();

  WriteSubscriber(WriteStream stream) {
    this.stream = stream;
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription offered) {
    if (subscription.isPresent()) {
      offered.cancel();
      return;
    }
    subscription = Optional.of(offered);
    stream.onClose(offered::cancel); // a program that reads no more
    offered.request(1);
  }

  @Override
  public void onNext(ByteBuffer bytes) {
    try {
      var _ =
          stream
              .write(bytes)
              .whenComplete((done, error) -> {
                if (error == null) {
                  current().request(1);
                } else {
                  current().cancel();
                }
              });
    } catch (StreamClosedException e) {
      current().cancel();
    }
  }

  @Override
  public void onError(Throwable error) {
    stream.close(error);
  }

  @Override
  public void onComplete() {
    var _ = stream.finish();
  }

  private synchronized Flow.Subscription current() {
    return subscription.orElseThrow(() -> new IllegalStateException("not subscribed"));
  }
}
