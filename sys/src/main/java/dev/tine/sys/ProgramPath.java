package dev.tine.sys;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Where a program is looked for, as execvp(3) does it. */
final class ProgramPath {
  private static final byte[] PATH = "PATH".getBytes(StandardCharsets.US_ASCII);

  /** Of a program started without PATH: what confstr(_CS_PATH) says. */
  private static final byte[] DEFAULT = "/bin:/usr/bin".getBytes(StandardCharsets.US_ASCII);

  private ProgramPath() {}

  /** Whether a program is to be looked for, and not a path already. */
  static boolean isName(byte[] program) {
    return program.length > 0 && indexOf(program, (byte) '/', 0) == program.length;
  }

  /**
   * The paths to try in order, one for each directory of the PATH in an environment. An empty
   * directory is the working directory.
   */
  static List<byte[]> candidates(byte[] name, List<byte[]> environment) {
    byte[] path = Environ.value(environment, PATH).orElse(DEFAULT);
    List<byte[]> candidates = new ArrayList<>();
    for (int from = 0; from <= path.length; ) {
      int end = indexOf(path, (byte) ':', from);
      candidates.add(join(path, from, end, name));
      from = end + 1;
    }
    return candidates;
  }

  private static byte[] join(byte[] path, int from, int end, byte[] name) {
    int length = end - from;
    int slash = length == 0 ? 0 : 1;
    byte[] joined = new byte[length + slash + name.length];
    System.arraycopy(path, from, joined, 0, length);
    if (slash == 1) {
      joined[length] = '/';
    }
    System.arraycopy(name, 0, joined, length + slash, name.length);
    return joined;
  }

  private static int indexOf(byte[] bytes, byte wanted, int from) {
    int i = from;
    while (i < bytes.length && bytes[i] != wanted) {
      i++;
    }
    return i;
  }
}
