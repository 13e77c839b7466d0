package dev.tine.sys;

/** What came of a spawn. */
public sealed interface SpawnOutcome {

  /**
   * The program runs, as a child of this process.
   *
   * @param pidfd owned by the caller
   * @param program the path that was taken
   */
  record Started(int pid, int pidfd, String program) implements SpawnOutcome {}

  /**
   * It does not; nothing is left behind.
   *
   * @param item what it failed at: of {@link SpawnPhase#DESCRIPTORS} the number in the program, of
   *     {@link SpawnPhase#LIMITS} the resource; else -1
   * @param program of {@link SpawnPhase#EXEC}: the path that failed; else empty
   */
  record Failed(SpawnPhase phase, int errno, int item, String program) implements SpawnOutcome {}
}
