package dev.tine.fork.crac;

/** What {@code org.crac.Core} hands its calls to. */
public final class Core {
  private Core() {}

  /** The one context there is; its resources are told of forks from the first call on. */
  public static Context getGlobalContext() {
    return GlobalContext.OF_PROCESS;
  }

  /**
   * Refuses: a fork has two results, which this method cannot tell apart.
   *
   * @throws UnsupportedOperationException always
   */
  @SuppressWarnings("DoNotCallSuggester") // org.crac needs a method of this name
  public static void checkpointRestore() {
    throw new UnsupportedOperationException(
        "Tine makes no checkpoints on request, it forks: call JvmFork.fork() or"
            + " Prefork.forkProcesses(), which notify the resources of org.crac");
  }
}
