package dev.tine.systemtests.kit;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Sends signals, also to processes and groups that Java has no object for. */
@SuppressWarnings("restricted") // tests call what Java has no words for
public final class Kill {
  private static final MethodHandle KILL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private Kill() {}

  /** Signals a process; fails if there is none. */
  public static void process(long pid, Signal signal) {
    assertThat(isSent(pid, signal)).as("%s to %d", signal, pid).isTrue();
  }

  /** Signals all processes of a group; fails if there is none. */
  public static void group(long group, Signal signal) {
    assertThat(isSent(-group, signal)).as("%s to group %d", signal, group).isTrue();
  }

  /** Signals a process that may have ended. */
  public static boolean isSent(long pid, Signal signal) {
    try {
      return (int) KILL.invokeExact((int) pid, signal.number()) == 0;
    } catch (Throwable e) {
      throw new AssertionError("kill", e);
    }
  }
}
