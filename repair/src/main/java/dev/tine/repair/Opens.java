package dev.tine.repair;

/**
 * Opens packages of other modules at run time, as {@code --add-opens} does at start.
 *
 * <p>A child has to change a few private fields of the JDK (seeds, remembered process ids) that
 * nothing else reaches.
 */
final class Opens {
  private Opens() {}

  /** Opens packages of {@code java.base} to this code; those that it does not have are left out. */
  static void ofBase(String... packages) {
    for (String name : packages) {
      of(Object.class.getModule(), name);
    }
  }

  /** Opens a package to this code, if the module has it. */
  static void of(Module module, String packageName) {
    if (module.getPackages().contains(packageName)) {
      addOpens(module, packageName, Opens.class.getModule());
    }
  }

  /** Opens the package of a class to this code. */
  static void of(Class<?> type) {
    of(type.getModule(), type.getPackageName());
  }

  /**
   * Opens a package of {@code from} to {@code to}. Throws {@link NoSuchMethodError} on a JDK that
   * is not known.
   */
  private static native void addOpens(Module from, String packageName, Module to);
}
