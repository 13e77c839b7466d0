package dev.tine.repair;

import org.jspecify.annotations.Nullable;

/** What is known of virtual threads, which not every JDK has. */
final class VirtualThreads {
  /** Of all threads that are virtual; null: there are none. */
  private static final @Nullable Class<?> TYPE = find();

  private VirtualThreads() {}

  /** {@code thread.isVirtual()}. */
  static boolean is(Thread thread) {
    return TYPE != null && TYPE.isInstance(thread);
  }

  /** Whether this JDK has them. */
  static boolean exist() {
    return TYPE != null;
  }

  private static @Nullable Class<?> find() {
    try {
      return Class.forName("java.lang.BaseVirtualThread", false, null);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
