package dev.tine.fork.internal;

import java.lang.invoke.MethodHandles;

/** Refuses a JDK whose private fields are not the ones that a child has to change. */
final class Known {
  private Known() {}

  /** Initialises a class that looks for them. */
  static void ensure(Class<?> internals, String what) {
    try {
      MethodHandles.privateLookupIn(internals, MethodHandles.lookup()).ensureInitialized(internals);
    } catch (IllegalAccessException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw Support.refused(
          "%s of this JDK (%s) is not known: %s".formatted(what, Runtime.version(), cause));
    }
  }
}
