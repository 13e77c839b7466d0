package dev.tine.fork.internal.audit;

import java.util.List;

/**
 * An open descriptor as {@code /proc} shows it.
 *
 * @param target what the link in {@code fd} says
 * @param mode {@code st_mode} of the file
 * @param inode of the file
 * @param info lines of {@code fdinfo}
 * @param isStandard whether it is standard input, output or error, or a duplicate of one
 * @param isReadable whether whoever looks may open it for reading
 * @param isWritable whether whoever looks may open it for writing
 */
record OpenFile(
    int fd,
    String target,
    int mode,
    long inode,
    List<String> info,
    boolean isStandard,
    boolean isReadable,
    boolean isWritable) {
  private static final int S_IFMT = 0170000;
  private static final int O_ACCMODE = 3;
  private static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  private static final int O_APPEND = 02000;
  private static final int O_PATH = 010000000;

  /** The types of stat(2). */
  enum Type {
    REGULAR,
    DIRECTORY,
    DEVICE,
    PIPE,
    SOCKET,
    /** One that has none, such as an epoll set. */
    ANONYMOUS
  }

  Type type() {
    return switch (mode & S_IFMT) {
      case 0100000 -> Type.REGULAR;
      case 0040000 -> Type.DIRECTORY;
      case 0020000, 0060000 -> Type.DEVICE;
      case 0010000 -> Type.PIPE;
      case 0140000 -> Type.SOCKET;
      default -> Type.ANONYMOUS;
    };
  }

  /** Whether it was opened for writing. */
  boolean writes() {
    return (flags() & O_ACCMODE) != O_RDONLY;
  }

  /** Whether it was opened for writing only: the one end of a pipe. */
  boolean isWriteEnd() {
    return (flags() & O_ACCMODE) == O_WRONLY;
  }

  /** Whether it could be opened again in the same way, with the rights of whoever looks. */
  boolean mayReopen() {
    return (isReadable || isWriteEnd()) && (isWritable || !writes());
  }

  boolean appends() {
    return (flags() & O_APPEND) != 0;
  }

  /** Whether it names a file without having opened it. */
  boolean isPathOnly() {
    return (flags() & O_PATH) != 0;
  }

  /** How many lines of its info begin so: members of an epoll set, watches of an inotify. */
  long count(String prefix) {
    return info.stream().filter(line -> line.startsWith(prefix)).count();
  }

  private int flags() {
    return info.stream()
        .filter(line -> line.startsWith("flags:"))
        .map(line -> Integer.parseInt(line.substring(6).strip(), 8))
        .findFirst()
        .orElse(0);
  }
}
