package dev.tine.sys;

/** The native method that the library exports, for JDKs on which its other classes cannot run. */
public final class Natives {
  private Natives() {}

  public static native void bind(Class<?> neighbour);
}
