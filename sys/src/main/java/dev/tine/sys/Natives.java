package dev.tine.sys;

/**
 * Gives the native methods of {@code dev.tine.repair} their code, which is in {@code libtine.so}.
 */
public final class Natives {
  static {
    Libtine.ensureLoaded();
  }

  private Natives() {}

  /**
   * Binds the native methods of the classes that are beside {@code neighbour}, in its package and
   * its class loader. Idempotent.
   *
   * <p>The VM would find them by their names as well, but only in libraries that their own class
   * loader has loaded, and it would ask for {@code --enable-native-access}.
   */
  public static native void bind(Class<?> neighbour);
}
