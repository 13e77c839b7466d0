package dev.tine.sys;

/**
 * A system call that failed where nothing better can be said than its name and the kernel's reason.
 */
public final class SystemCallException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;

  SystemCallException(String call, int errno) {
    super(call + ": " + Errno.text(errno));
    this.errno = errno;
  }

  /** The kernel's error number. */
  public int errno() {
    return errno;
  }

  /** Returns a result that is not negative; throws for {@code -errno}. */
  static int check(String call, int result) {
    if (result < 0) {
      throw new SystemCallException(call, -result);
    }
    return result;
  }
}
