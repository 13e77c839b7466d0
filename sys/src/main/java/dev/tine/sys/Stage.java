package dev.tine.sys;

/** Step of a fork, {@code enum tine_stage} in the same order. */
public enum Stage {
  NONE,
  SIGNAL,
  LEADER,
  PARK,
  SURVEY,
  CLONE,
  PARENT_TIE,
  DESCRIPTORS,
  IDENTITY,
  THREADS,
  VERDICT,
  REPAIR,
  ORDER;

  private static final Stage[] VALUES = values();

  static Stage of(int number) {
    return number >= 0 && number < VALUES.length ? VALUES[number] : NONE;
  }
}
