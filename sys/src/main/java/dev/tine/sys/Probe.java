package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What this kernel, libc and process can do: for each ability 0, or the errno that says it is
 * missing.
 *
 * @param tidAddress {@code prctl(PR_GET_TID_ADDRESS)}: CONFIG_CHECKPOINT_RESTORE
 * @param pidfd {@code pidfd_open} and {@code waitid(P_PIDFD)}: Linux 5.4
 * @param leader ESRCH: the primordial thread has exited
 * @param loaderLocks ENOENT: this glibc's loader is not known
 * @param rseqSize bytes of glibc's rseq area; 0: not used
 */
public record Probe(int tidAddress, int pidfd, int leader, int loaderLocks, int rseqSize) {

  private static final MethodHandle PROBE =
      Libtine.function("tine_probe", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  /** {@code tine_probe(&probe)}. */
  public static Probe take() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment probe = arena.allocate(Layouts.PROBE);
      int ignored = (int) PROBE.invokeExact(probe); // always 0
      int[] values = probe.toArray(JAVA_INT);
      return new Probe(values[0], values[1], values[2], values[3], values[4]);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
