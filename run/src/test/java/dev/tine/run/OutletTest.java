package dev.tine.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutletTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final byte[] LARGE = new byte[600 * 1024];

  private final Reader out = new Reader();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

  /** Takes nothing until it is let. */
  private static final class Reader extends OutputStream {
    private final CountDownLatch isReading = new CountDownLatch(1);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      throw new AssertionError("torn");
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      try {
        isReading.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      taken.write(bytes);
    }
  }

  @Test
  void shouldWriteAllInOrderWhenItIsFlushed() {
    out.isReading.countDown();
    var outlet = new Outlet(errors, LONG);
    for (int i = 0; i < 1000; i++) {
      outlet.put(out, (i + "\n").getBytes(UTF_8));
    }
    assertThat(outlet.flush()).isTrue();
    assertThat(out.taken.toString(UTF_8)).hasLineCount(1000).startsWith("0\n1\n2\n");
  }

  @Test
  void shouldWaitForAReaderThatIsSlow() {
    var outlet = new Outlet(errors, LONG);
    outlet.put(out, LARGE);
    Thread.ofPlatform().daemon().start(out.isReading::countDown);
    outlet.put(out, LARGE); // there is no room for two
    assertThat(outlet.flush()).isTrue();
    assertThat(out.taken.size()).isEqualTo(2 * LARGE.length);
    assertThat(errors.size()).isZero();
  }

  @Test
  void shouldDropAndCountWhatNobodyTakes() {
    var outlet = new Outlet(errors, SHORT);
    outlet.put(out, LARGE);
    for (int i = 0; i < 5; i++) {
      outlet.put(out, LARGE);
    }
    assertThat(outlet.flush()).isFalse();

    out.isReading.countDown();
    while (errors.size() == 0) { // until there is room again, this is dropped too
      outlet.put(out, LARGE);
    }
    assertThat(outlet.flush()).isTrue();
    assertThat(errors.toString(UTF_8)).matches("tine: output-dropped lines=[0-9]+\n");
    assertThat(out.taken.size()).isGreaterThanOrEqualTo(2 * LARGE.length);
  }

  @Test
  void shouldGoOnWhenNothingCanBeWritten() {
    var full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    var outlet = new Outlet(full, SHORT);
    for (int i = 0; i < 10; i++) {
      outlet.put(full, LARGE);
    }
    assertThat(outlet.flush()).isTrue();
  }
}
