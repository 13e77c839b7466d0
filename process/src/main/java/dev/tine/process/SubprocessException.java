package dev.tine.process;

/** Something about a subprocess that did not work; each kind has a class of its own. */
public abstract sealed class SubprocessException extends RuntimeException
    permits BufferFullException,
        CommandFailedException,
        ExpectException,
        OutputLimitException,
        SpawnException,
        StreamClosedException,
        SubprocessTimeoutException,
        UnsatisfiableReadException {
  private static final long serialVersionUID = 1;

  SubprocessException(String message) {
    super(message);
  }

  SubprocessException(String message, Throwable cause) {
    super(message, cause);
  }
}
