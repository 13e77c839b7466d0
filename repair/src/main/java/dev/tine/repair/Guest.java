package dev.tine.repair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Forks a program that knows nothing of Tine: the entry of the native thread that does it. C code
 * calls it, see guest/java.h.
 *
 * <p>It is loaded by a class loader of its own, so that the program cannot see it. Nothing is
 * thrown: a reason why not is returned as text.
 */
final class Guest {
  /** The name of the thread. */
  static final String THREAD_NAME = "tine-control";

  /** Of a mold: a full collection before the fork. Processes share what does not move any more. */
  private static final int COLLECT = 1;

  /** Flight Recorder may be recording. */
  private static final int ALLOW_RECORDING = 2;

  /** Of a beat. */
  private static final int LOOK_FOR_DEADLOCKS = 1;

  /** Filled in a child. */
  private static final long[] ENTROPY = new long[NativeFork.ENTROPY];

  /** The property that tells a program that it is a worker, and which: dev.tine.worker.Worker. */
  private static final String WORKER = "dev.tine.worker";

  private static boolean prepared;

  private Guest() {}

  /** Finds out whether this JVM can be forked, and prepares for it; null: it can. */
  static @Nullable String prepare() {
    try {
      prepareOnce();
      return null;
    } catch (Throwable e) {
      return reason(e);
    }
  }

  /**
   * Forks.
   *
   * @param request the address of a {@code struct tine_fork_request}
   * @param flags of {@code enum tine__guest_flag}
   * @param reason of length 1: filled if nothing was tried
   * @return the pid of the child, 0 in the child, or a negative error number
   */
  static int fork(long request, int flags, @Nullable String[] reason) {
    int pid = -1; // only 0 is a child
    try {
      prepareOnce();
      if ((flags & ALLOW_RECORDING) == 0) {
        refuse(Recordings.reason());
      }
      if ((flags & COLLECT) != 0) {
        // Before the threads stand still: one of them may hold up a collection until it goes on.
        Jvmti.collect();
        Repairs.beforeFreeze();
      }
      Repairs.beforeFork();
      pid = NativeFork.fork(request, ENTROPY);
      Repairs.afterFork(pid, ENTROPY);
      if (pid == 0) {
        // The threads of the program run: one of them may hold the lock of the properties.
        System.setProperty(WORKER, Long.toString(ProcessHandle.current().pid()));
      }
    } catch (Throwable e) {
      // In a child all is repaired, and what failed was to say what could not be.
      if (pid < 0) {
        reason[0] = reason(e);
      }
    }
    return pid;
  }

  /**
   * Proves that Java code can run.
   *
   * @param flags {@code TINE_BEAT_} ones
   * @return {@link Beat#answer}
   */
  static String beat(int flags) {
    return Beat.answer((flags & LOOK_FOR_DEADLOCKS) != 0);
  }

  private static void prepareOnce() throws IOException {
    if (prepared) {
      return;
    }
    refuse(Requirements.mappings(Files.readAllLines(Paths.get("/proc/self/maps"))));
    int[] probe = new int[4];
    Kernel.probe(probe);
    refuse(Requirements.probe(probe[0], probe[1], probe[2], probe[3]));
    refuse(Requirements.identity(Identity.find()));
    Repairs.prepare();
    Beat.prepare();
    prepared = true;
  }

  private static void refuse(Optional<String> reason) {
    if (reason.isPresent()) {
      throw RepairException.unsupported(reason.get());
    }
  }

  private static String reason(Throwable e) {
    return e instanceof RepairException ? ((RepairException) e).reason() : e.toString();
  }
}
