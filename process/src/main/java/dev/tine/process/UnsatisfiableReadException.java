package dev.tine.process;

/** What was to be read until did not come within the number of bytes that was allowed. */
public final class UnsatisfiableReadException extends SubprocessException {
  private static final long serialVersionUID = 1;

  UnsatisfiableReadException(String wanted, int maxBytes) {
    super(wanted + " not found within " + maxBytes + " bytes");
  }
}
