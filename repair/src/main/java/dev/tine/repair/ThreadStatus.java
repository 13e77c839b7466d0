package dev.tine.repair;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Tells threads that wait from those that may be in the middle of something.
 *
 * <p>Not by {@link Thread#getState}, which a program's thread may have of its own.
 */
final class ThreadStatus {
  /** Of JVMTI: in {@code Object.wait}, parked, asleep; about to enter a monitor. */
  private static final int WAITING = 0x80 | 0x400;

  /** Where newer JDKs keep it; null: in the thread itself. */
  private static final @Nullable VarHandle HOLDER;

  private static final VarHandle STATUS;

  static {
    try {
      Class<?> holder = holder();
      HOLDER = holder == null ? null : Seeders.variable(Thread.class, "holder");
      STATUS = Seeders.variable(holder == null ? Thread.class : holder, "threadStatus");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ThreadStatus() {}

  /** Whether a platform thread that stands still waits, and so is in the middle of nothing. */
  static boolean isWaiting(Thread thread) {
    return ((int) STATUS.get(HOLDER == null ? thread : HOLDER.get(thread)) & WAITING) != 0;
  }

  private static @Nullable Class<?> holder() {
    try {
      return Class.forName("java.lang.Thread$FieldHolder", false, null);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
