package dev.tine.testkit;

import java.util.concurrent.Callable;

/**
 * Finds out, in a test, what processes would share if the program under test were forked.
 *
 * {@snippet class="dev.tine.testkit.Snippets" region="check"}
 *
 * <p>A check runs the code once, so that it is warm: caches are filled, pools have connections. It
 * then forks two children, runs the code in all three processes at the same time, and compares
 * them. What it finds is listed in {@link Shared}.
 *
 * <p>It cannot see what is not there when it looks: files and connections that were opened and
 * closed within the code; what is shared outside the machine, such as a session on a server that
 * both resume; random numbers that were not given to {@link Records}; locks of native libraries.
 * Code that was not run is not checked.
 *
 * <p>All threads of the test's JVM go on in the children for as long as the check takes. The code
 * must not depend on being alone: it runs in three processes at once, on the same port and in the
 * same directory.
 *
 * <p>The JVM needs what a fork needs, and the right to compare descriptors (kcmp(2)): in a
 * container that may take {@code --cap-add=SYS_PTRACE}.
 */
public final class ForkSafety {
  private ForkSafety() {}

  /**
   * Checks code that throws nothing.
   *
   * @return what was found, which is nothing
   * @throws AssertionError with a list of what the processes shared
   */
  public static Report check(Runnable code) {
    return ForkCheck.standard().inspect(_ -> code.run()).orThrow();
  }

  /**
   * Checks code that may throw; its result is not looked at.
   *
   * @return what was found, which is nothing
   * @throws AssertionError with a list of what the processes shared
   */
  public static Report check(Callable<?> code) {
    return ForkCheck.standard()
        .inspect(_ -> {
          var _ = code.call();
        })
        .orThrow();
  }

  /**
   * Checks code that also says which values must not occur twice.
   *
   * @return what was found, which is nothing
   * @throws AssertionError with a list of what the processes shared
   */
  public static Report check(RecordingCode code) {
    return ForkCheck.standard().inspect(code).orThrow();
  }
}
