package dev.tine.repair;

/** Refuses a JDK whose private fields are not the ones that a child has to change. */
final class Known {
  private Known() {}

  /** Initialises a class that looks for them. */
  static void ensure(Class<?> internals, String what) {
    try {
      Class.forName(internals.getName(), true, internals.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw RepairException.unsupported(
          String.format("%s of this JDK (%s) is not known: %s", what, Runtime.version(), cause));
    }
  }
}
