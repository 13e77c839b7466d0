package dev.tine.run;

import dev.tine.sys.LibraryFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of one running program: its control socket, the library that is preloaded, and the
 * private sockets of its molds. Only its user may enter it.
 */
public final class RuntimeDirectory implements AutoCloseable {
  private static final String CONTROL = "control";

  private final Path path;

  private RuntimeDirectory(Path path) {
    this.path = path;
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
    Path base = base();
    Path path = base.resolve(name);
    try {
      makePrivate(base);
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        if (isAnswered(path.resolve(CONTROL))) {
          throw new RunFailedException(
              "a program named '%s' runs already; stop it (tine stop %s), or choose another --name"
                  .formatted(name, name));
        }
        delete(path); // of one that was killed
      }
      makePrivate(path);
      return new RuntimeDirectory(path);
    } catch (IOException e) {
      throw new RunFailedException("cannot make the runtime directory " + path + ": " + e);
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

  /** A path for a socket of a mold's that nobody else is to find. */
  Path socket(int number) {
    return path.resolve("private-" + number);
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

  private static void delete(Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(directory)) {
      tree.sorted(Comparator.reverseOrder()).forEach(all::add);
    }
    for (Path one : all) {
      Files.deleteIfExists(one);
    }
  }

  /** Removes all of it. */
  @Override
  public void close() {
    try {
      delete(path);
    } catch (IOException e) {
      // Left for the next program of this name.
    }
  }
}
