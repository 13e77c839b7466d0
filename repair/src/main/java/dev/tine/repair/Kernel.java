package dev.tine.repair;

/** What the JDK has no words for, or remembers of another process. */
final class Kernel {
  private Kernel() {}

  /** {@code getpid()}, never remembered. */
  static native int pid();

  /** The text of an error number, such as "Cannot allocate memory". */
  static native String errorText(int errno);

  /** {@code tine_probe()}: the numbers of {@link Requirements#probe}, in its order. */
  static native void probe(int[] numbers);
}
