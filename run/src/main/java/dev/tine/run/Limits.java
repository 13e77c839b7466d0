package dev.tine.run;

/** Numbers beyond which a slip of the finger is likelier than a wish. */
public final class Limits {
  /** Each worker is a whole JVM. */
  public static final int WORKERS = 1024;

  private Limits() {}
}
