package dev.tine.process;

/** A program that could not be started. No process and no descriptor is left behind. */
public final class SpawnException extends SubprocessException {
  private static final long serialVersionUID = 1;

  private final Phase phase;
  private final int errno;
  private final String path;

  /** What was being done. */
  public enum Phase {
    /** Opening a pipe or a file for a stream. */
    STREAMS("open its streams"),
    /** Making the process: limits of processes, memory or descriptors. */
    CLONE("make a process"),
    SIGNALS("reset its signals"),
    GROUP("give it a process group"),
    DESCRIPTORS("place its descriptors"),
    TERMINAL("give it a terminal"),
    CGROUP("put it into its control group"),
    OOM_SCORE("set its OOM score"),
    NICE("set its nice value"),
    LIMITS("set its resource limits"),
    USER("change to its user"),
    DIRECTORY("change to its directory"),
    DEATH_SIGNAL("tie it to this process"),
    /** Looking for the program: it was found nowhere. */
    RESOLVE("find it"),
    /** Running the program that was found. */
    EXEC("run it");

    private final String what;

    Phase(String what) {
      this.what = what;
    }
  }

  SpawnException(String program, Phase phase, int errno, String path, String detail) {
    super("cannot start \"" + program + "\": could not " + phase.what + ": " + detail);
    this.phase = phase;
    this.errno = errno;
    this.path = path;
  }

  /** What was being done. */
  public Phase phase() {
    return phase;
  }

  /** The kernel's error number. */
  public int errno() {
    return errno;
  }

  /** The path that was tried: of a program, a file or a directory; empty: there is none. */
  public String path() {
    return path;
  }
}
