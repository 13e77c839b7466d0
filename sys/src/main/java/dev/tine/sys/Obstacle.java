package dev.tine.sys;

/** What keeps a thread from being parked, {@code enum tine_obstacle} in the same order. */
public enum Obstacle {
  NONE,
  BLOCKED,
  DISK,
  STOPPED,
  SLOW;

  private static final Obstacle[] VALUES = values();

  static Obstacle of(int number) {
    return number >= 0 && number < VALUES.length ? VALUES[number] : NONE;
  }
}
