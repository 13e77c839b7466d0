package dev.tine.process;

import dev.tine.sys.NativeText;
import java.util.List;

/** A program, by its path or name, and its arguments, as Linux takes them. */
final class Arguments {
  /** The kernel's MAX_ARG_STRLEN, with the NUL at the end. */
  private static final int MAX_BYTES = 131_072;

  private final List<byte[]> all;

  /**
   * Checks them.
   *
   * @param all the program first; not to be changed afterwards
   */
  Arguments(List<byte[]> all) {
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no program to run");
    }
    for (int i = 0; i < all.size(); i++) {
      check(all.get(i), i == 0 ? "the program's name" : "argument " + i);
    }
    if (all.getFirst().length == 0) {
      throw new IllegalArgumentException("the program's name is empty");
    }
    this.all = List.copyOf(all);
  }

  /** The program first. */
  List<byte[]> all() {
    return all;
  }

  /** The program's name as it was given. */
  String program() {
    return NativeText.text(all.getFirst());
  }

  /** A line that a shell would read so. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    for (byte[] argument : all) {
      String text = NativeText.text(argument);
      boolean plain = !text.isEmpty() && text.chars().allMatch(Arguments::isPlain);
      line.append(line.isEmpty() ? "" : " ")
          .append(plain ? text : "'" + text.replace("'", "'\\''") + "'");
    }
    return line.toString();
  }

  private static boolean isPlain(int c) {
    return Character.isLetterOrDigit(c) || "-_./:=,+@%^".indexOf(c) >= 0;
  }

  /** Refuses what cannot be handed to a program. */
  static void check(byte[] bytes, String what) {
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException(
            what + " has a NUL character, which would end it: " + NativeText.text(bytes));
      }
    }
    if (bytes.length >= MAX_BYTES) {
      throw new IllegalArgumentException(
          what
              + " has "
              + bytes.length
              + " bytes; Linux takes at most "
              + (MAX_BYTES - 1)
              + ": pass it through stdin or a file");
    }
  }
}
