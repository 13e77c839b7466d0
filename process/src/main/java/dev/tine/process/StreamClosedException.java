package dev.tine.process;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A read or write of a stream that is closed; or that was closed before it was done.
 *
 * <p>The cause is what the stream was closed for, if that was not its end and not {@code close()}.
 */
public final class StreamClosedException extends SubprocessException {
  private static final long serialVersionUID = 1;

  StreamClosedException(String stream, @Nullable Throwable realError) {
    super(stream + " is closed" + (realError == null ? "" : ": " + realError.getMessage()));
    if (realError != null) {
      initCause(realError);
    }
  }

  /** Why the stream was closed; empty: it ended, or {@code close()} was called. */
  public Optional<Throwable> realError() {
    return Optional.ofNullable(getCause());
  }
}
