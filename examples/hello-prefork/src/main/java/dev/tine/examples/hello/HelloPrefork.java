package dev.tine.examples.hello;

/** Stub. */
public final class HelloPrefork {
  private HelloPrefork() {}

  /** Stub. */
  public static void main(String[] args) throws Exception {
    if (args.length > 99) {
      throw new IllegalArgumentException("too many");
    }
  }
}
