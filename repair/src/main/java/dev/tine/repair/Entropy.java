package dev.tine.repair;

import java.nio.ByteBuffer;

/** Random numbers of the kernel's, which has the same for no two processes. */
final class Entropy {
  private Entropy() {}

  /** Some numbers. */
  static long[] longs(int count) {
    byte[] bytes = new byte[count * Long.BYTES];
    int error = fill(bytes);
    if (error != 0) {
      throw RepairException.unsupported(
          "the kernel has no random numbers (getrandom: " + Kernel.errorText(-error) + ")");
    }
    long[] numbers = new long[count];
    ByteBuffer.wrap(bytes).asLongBuffer().get(numbers);
    return numbers;
  }

  /**
   * Fills an array; 0 or {@code -errno}, which there is none of once the system is up.
   *
   * <p>By JNI and without a lock: a child calls it while threads are suspended.
   */
  static native int fill(byte[] bytes);
}
