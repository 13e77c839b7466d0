package dev.tine.sys;

/** {@code enum tine_spawn_phase}: the step of a spawn that failed. */
public enum SpawnPhase {
  CLONE,
  SIGNALS,
  GROUP,
  DESCRIPTORS,
  TERMINAL,
  CGROUP,
  OOM_SCORE,
  NICE,
  LIMITS,
  USER,
  DIRECTORY,
  DEATH_SIGNAL,
  EXEC;

  private static final SpawnPhase[] VALUES = values();

  static SpawnPhase of(int value) {
    return VALUES[value];
  }
}
