package dev.tine.sys;

/** The native method that the library has, for JDKs on which its other classes cannot run. */
public final class ForkCall {
  private ForkCall() {}

  public static native int fork(long request, long[] entropy);
}
