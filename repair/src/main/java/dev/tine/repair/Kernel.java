package dev.tine.repair;

/** What the JDK has no words for, or remembers of another process. */
final class Kernel {
  private Kernel() {}

  /** {@code getpid()}, never remembered. */
  static native int pid();

  /**
   * When this process began, in milliseconds after the boot of the system, as {@code
   * /proc/self/stat} has it; 0: not known.
   */
  static native long startMillis();

  /** The text of an error number, such as "Cannot allocate memory". */
  static native String errorText(int errno);

  /** {@code tine_probe()}: the numbers of {@link Requirements#probe}, in its order. */
  static native void probe(int[] numbers);
}
