package dev.tine.benchmarks.stress;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * A class that is loaded anew again and again, from bytes that are read from the jar each time: its
 * loop begins interpreted and is compiled while it runs.
 */
public final class Template implements IntToLongFunction {
  private static final byte[] BYTES = read();

  /** Called by {@link #fresh}. */
  public Template() {}

  @Override
  public long applyAsLong(int turns) {
    long sum = 0;
    for (int i = 0; i < turns; i++) {
      sum = sum * 31 + (i ^ (sum >>> 7));
    }
    return sum;
  }

  /** An instance of a class that nobody has seen before. */
  static IntToLongFunction fresh() throws ReflectiveOperationException {
    return (IntToLongFunction)
        MethodHandles.lookup()
            .defineHiddenClass(BYTES, true)
            .lookupClass()
            .getConstructor()
            .newInstance();
  }

  /**
   * Reads the class file once more, from the jar that all processes have inherited open: with a
   * shared position they would read each other's bytes.
   */
  static void checkJar() {
    if (!Arrays.equals(read(), BYTES)) {
      throw new IllegalStateException("the jar has given the bytes of another place");
    }
  }

  private static byte[] read() {
    try (InputStream in = Template.class.getResourceAsStream("Template.class")) {
      if (in == null) {
        throw new IllegalStateException("Template.class is not there");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
