package dev.tine.repair;

/** A system call of a repair that failed; the message is its name and the kernel's reason. */
final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;

  KernelException(String call, int errno) {
    super(call + ": " + Kernel.errorText(errno));
    this.errno = errno;
  }

  int errno() {
    return errno;
  }
}
