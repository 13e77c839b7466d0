package dev.tine.fork;

/** How a process ended. */
public sealed interface ExitStatus {

  /**
   * It called exit.
   *
   * @param code 0 to 255; by convention 0 means success
   */
  record Exited(int code) implements ExitStatus {
    @Override
    public String toString() {
      return "exited with status " + code;
    }
  }

  /**
   * A signal ended it.
   *
   * @param coreDumped whether the kernel wrote a core dump
   */
  record Signaled(Signal signal, boolean coreDumped) implements ExitStatus {
    @Override
    public String toString() {
      return "killed by " + signal + (coreDumped ? " (core dumped)" : "");
    }
  }

  /**
   * It has ended, or was never a child of this process, and nobody can say how.
   *
   * @param reason why, for people
   */
  record Unknown(String reason) implements ExitStatus {
    @Override
    public String toString() {
      return "ended in an unknown way: " + reason;
    }
  }

  /** Whether it exited with code 0. */
  default boolean isSuccess() {
    return this instanceof Exited(int code) && code == 0;
  }
}
