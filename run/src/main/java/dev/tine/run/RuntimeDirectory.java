package dev.tine.run;

import dev.tine.sys.LibraryFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The directory of one running program: its control socket, the library that is preloaded, and the
 * private sockets of its molds. Only its user may enter it.
 */
public final class RuntimeDirectory implements AutoCloseable {
  private static final String CONTROL = "control";

  private static final String LOCK = "lock";

  private final Path path;

  /** Locked as long as the program runs, by the kernel. */
  private final FileChannel lock;

  private int sockets;

  private RuntimeDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Where those of this user's programs are: {@code $XDG_RUNTIME_DIR/tine}, or in /tmp. */
  public static Path base() {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return runtime != null && Files.isDirectory(Path.of(runtime))
        ? Path.of(runtime, "tine")
        : Path.of("/tmp", "tine-" + userId());
  }

  /** The control socket of a program by its name, whether or not it runs. */
  public static Path controlOf(String name) {
    return base().resolve(name).resolve(CONTROL);
  }

  /** The names of all programs that seem to run, in order. */
  public static List<String> names() {
    try (Stream<Path> all = Files.list(base())) {
      return all.filter(path -> isAnswered(path.resolve(CONTROL)))
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of(); // there is no directory: nothing was ever run
    }
  }

  /**
   * Makes the directory for a program.
   *
   * @throws RunFailedException if one of this name runs, or it cannot be made
   */
  static RuntimeDirectory create(String name) {
    Path path = base().resolve(name);
    try {
      Optional<RuntimeDirectory> made = Optional.empty();
      while (made.isEmpty()) {
        made = tryCreate(name, path);
      }
      return made.get();
    } catch (IOException e) {
      throw new RunFailedException("cannot make the runtime directory " + path + ": " + e);
    }
  }

  /** Empty: another one has just removed it. */
  private static Optional<RuntimeDirectory> tryCreate(String name, Path path) throws IOException {
    FileChannel channel;
    try {
      makePrivate(base());
      makePrivate(path);
      channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (channel.tryLock() == null) {
      channel.close();
      throw new RunFailedException(
          "a program named '%s' runs already; stop it (tine stop %s), or choose another --name"
              .formatted(name, name));
    }
    var directory = new RuntimeDirectory(path, channel);
    // The lock of a file that was removed locks nobody out: who held it before has removed it after
    // it was opened here.
    if (!directory.isLocked()) {
      channel.close();
      return Optional.empty();
    }
    directory.empty(); // of one that was killed
    return Optional.of(directory);
  }

  /** Whether the file that is locked is the one at the path. */
  private boolean isLocked() throws IOException {
    byte[] token = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
    lock.truncate(0);
    lock.write(ByteBuffer.wrap(token), 0);
    try {
      return Arrays.equals(Files.readAllBytes(path.resolve(LOCK)), token);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void empty() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(file -> !file.endsWith(LOCK)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void makePrivate(Path path) throws IOException {
    try {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      // Whoever made it first may read and replace what is in it: it must be this user's alone.
      boolean isOurs =
          Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
              && ownerOf(path) == userId()
              && PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
                  .equals("rwx------");
      if (!isOurs) {
        throw new IOException(
            path + " is not a directory of this user's alone (drwx------); remove it", e);
      }
    }
  }

  private static int ownerOf(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int userId() {
    try {
      return ownerOf(Path.of("/proc/self"));
    } catch (IOException e) {
      throw new UncheckedIOException("/proc is not mounted", e);
    }
  }

  private static boolean isAnswered(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }

  Path control() {
    return path.resolve(CONTROL);
  }

  /** Where files lie until the program ends. */
  Path path() {
    return path;
  }

  /** A path for a socket that nobody else is to find, another one each time. */
  Path nextSocket() {
    return path.resolve("private-" + ++sockets);
  }

  /** A copy of the library, to be preloaded. */
  Path library() {
    Path copy = path.resolve("libtine.so");
    try (InputStream library = LibraryFile.open()) {
      Files.deleteIfExists(copy); // it may be mapped: never written over
      Files.copy(library, copy);
      return copy;
    } catch (IOException e) {
      throw new RunFailedException("cannot write the library to be preloaded, " + copy + ": " + e);
    }
  }

  /** A copy of the jar with the repairs. */
  Path guestJar() {
    Path copy = path.resolve("tine-repair.jar");
    try {
      GuestJar.copyTo(copy);
      return copy;
    } catch (IOException e) {
      throw new RunFailedException("cannot write " + copy + ": " + e);
    }
  }

  static void deleteQuietly(String path) {
    try {
      Files.deleteIfExists(Path.of(path));
    } catch (IOException e) {
      // It stays, as a program that is killed leaves it.
    }
  }

  /** Removes all of it. */
  @Override
  public void close() {
    try {
      empty();
      Files.deleteIfExists(path.resolve(LOCK)); // before it is released: see tryCreate()
      Files.delete(path);
      Files.delete(base()); // if this was the last one
    } catch (IOException e) {
      // Left for the next program.
    }
    try {
      lock.close();
    } catch (IOException e) {
      // released with the process
    }
  }
}
