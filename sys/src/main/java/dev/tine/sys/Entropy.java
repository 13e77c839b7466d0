package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Random numbers of the kernel's, which has the same for no two processes. */
public final class Entropy {
  private static final int MAX_LONGS = 256 / Long.BYTES;

  private static final MethodHandle RANDOM =
      Libtine.function("tine_random", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  /** Filled by one call at a time; never freed. */
  private static final MemorySegment BYTES = Arena.global().allocate(JAVA_LONG, MAX_LONGS);

  private Entropy() {}

  /** {@code getrandom(bytes)}: {@code count} numbers, at most 32. */
  public static synchronized long[] longs(int count) {
    try {
      int error = (int) RANDOM.invokeExact(BYTES, count * Long.BYTES);
      SystemCallException.check("getrandom", error);
      long[] numbers = new long[count];
      MemorySegment.copy(BYTES, JAVA_LONG, 0, numbers, 0, count);
      BYTES.fill((byte) 0); // seeds are secrets
      return numbers;
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * Fills an array; 0 or {@code -errno}, which there is none of once the system is up.
   *
   * <p>By JNI and without a lock: a child calls it while threads are suspended.
   */
  public static native int fill(byte[] bytes);
}
