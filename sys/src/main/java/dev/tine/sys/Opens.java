package dev.tine.sys;

/**
 * Opens packages of other modules at run time, as {@code --add-opens} does at start.
 *
 * <p>A child has to change a few private fields of the JDK (seeds, remembered process ids) that
 * nothing else reaches.
 */
public final class Opens {
  static {
    Libtine.ensureLoaded();
  }

  private Opens() {}

  /**
   * Opens a package of {@code from} to {@code to}. Throws {@link NoSuchMethodError} on a JDK that
   * is not known.
   */
  public static native void addOpens(Module from, String packageName, Module to);
}
