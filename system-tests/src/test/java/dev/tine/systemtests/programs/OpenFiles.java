package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Files of a child: the same ones, at positions of its own. */
public final class OpenFiles {
  private static final int WRITE_ONLY = 1;
  private static final int READ_WRITE = 2;
  private static final int APPEND = 0x400;
  private static final int TEMPORARY = 0x410000; // O_TMPFILE

  /** Descriptors that whoever starts this program has opened, see {@link #inherited}. */
  private static final int INHERITED = 9;

  private OpenFiles() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.ofEntries(
            Map.entry("own positions", OpenFiles::ownPositions),
            Map.entry("without a name", OpenFiles::withoutName),
            Map.entry("writable", OpenFiles::writable),
            Map.entry("directories", OpenFiles::directories),
            Map.entry("shared ones", OpenFiles::sharedOnes),
            Map.entry("many class loaders", OpenFiles::manyClassLoaders),
            Map.entry("not to be opened again", OpenFiles::inherited)));
  }

  private static void ownPositions() throws Exception {
    Path path = file("own-", "0123456789");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(4);
      inChild(() -> {
        checkEqual(file.getFilePointer(), 4L, "position");
        checkEqual(file.read(), (int) '4', "read");
        file.seek(9);
        file.write('x');
      });
      checkEqual(file.getFilePointer(), 4L, "position in the parent");
      checkEqual(file.readLine(), "45678x", "read in the parent");
    }
    Files.delete(path);
  }

  private static void withoutName() throws Exception {
    Path path = file("deleted-", "0123456789");
    Path directory = path.resolveSibling("");
    int[] fds = {
      Fd.open(path.toString(), READ_WRITE),
      Fd.check("memfd_create", Libc.string("test"), 0),
      Fd.open(directory.toString(), TEMPORARY | READ_WRITE)
    };
    Files.delete(path);
    for (int i = 1; i < fds.length; i++) {
      Fd.write(fds[i], "0123456789");
    }
    for (int fd : fds) {
      Fd.check("lseek", fd, 4L, 0);
    }
    inChild(() -> {
      for (int fd : fds) {
        check(!Fd.isSharedWith(Proc.parent(Proc.self()), fd), "%d is shared", fd);
        checkEqual(Fd.read(fd), "456789", "read of " + fd);
        Fd.write(fd, "x"); // it is the same file
      }
    });
    for (int fd : fds) {
      checkEqual(Fd.read(fd), "456789x", "read in the parent");
    }
    Fd.close(fds);
  }

  private static void writable() throws Exception {
    Path path = file("append-", "0");
    int append = Fd.open(path.toString(), WRITE_ONLY | APPEND);
    int writeOnly = Fd.open(path.toString(), WRITE_ONLY);
    inChild(() -> {
      Fd.write(append, "1");
      Fd.write(writeOnly, "x");
      checkEqual(Fd.read(writeOnly), "errno 9", "read of one that is for writing");
    });
    Fd.write(append, "2");
    checkEqual(Files.readString(path), "x12", "written by both");
    Fd.write(writeOnly, "y");
    checkEqual(Files.readString(path), "y12", "written by the parent, where the child has written");
    // A lock of the description, not of the process: a child that closes its file leaves it alone.
    Fd.check("flock", writeOnly, 2);
    inChild(() -> Fd.close(writeOnly));
    int other = Fd.open(path.toString(), WRITE_ONLY);
    checkEqual(Libc.call("flock", other, 2 | 4), -Fd.EAGAIN, "lock of the parent");
    Fd.close(append, writeOnly, other);
    Files.delete(path);
  }

  /** A directory that is half listed is listed to its end by both. */
  private static void directories() throws Exception {
    Path directory = Files.createTempDirectory("listed-");
    int files = 2000; // more than the C library reads at a time
    Set<String> names = new HashSet<>();
    for (int i = 0; i < files; i++) {
      Files.createFile(directory.resolve("f" + i));
      names.add("f" + i);
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      Iterator<Path> iterator = stream.iterator();
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        seen.add(iterator.next().getFileName().toString());
      }
      inChild(() -> {
        iterator.forEachRemaining(path -> seen.add(path.getFileName().toString()));
        checkEqual(seen, names, "names in the child");
      });
      iterator.forEachRemaining(path -> seen.add(path.getFileName().toString()));
      checkEqual(seen, names, "names in the parent");
    }
    for (String name : names) {
      Files.delete(directory.resolve(name));
    }
    Files.delete(directory);
  }

  private static void sharedOnes() throws Exception {
    Path directory = Files.createTempDirectory("fifo-");
    Path fifo = directory.resolve("fifo");
    Fd.check("mkfifo", Libc.string(fifo.toString()), 0600);
    int terminal = Fd.check("posix_openpt", READ_WRITE);
    int[] shared = {
      Fd.open(fifo.toString(), READ_WRITE | Fd.NONBLOCK), Fd.open("/dev/null", WRITE_ONLY)
    };
    inChild(() -> {
      // Its user's end is the parent's: who closes it hangs up for the programs on it.
      check(!Fd.isSharedWith(Proc.parent(Proc.self()), terminal), "the terminal is shared");
      for (int fd : shared) {
        check(Fd.isSharedWith(Proc.parent(Proc.self()), fd), "%d is not shared", fd);
      }
      Fd.write(shared[0], "x");
    });
    checkEqual(Fd.read(shared[0]), "x", "from the pipe with a name");
    Fd.close(shared);
    Fd.close(terminal);
    Files.delete(fifo);
    Files.delete(directory);
  }

  /** Siblings that load classes at once from jars that they all have open. */
  private static void manyClassLoaders() throws Exception {
    int count = 10;
    List<ClassesJar> jars = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      jars.add(new ClassesJar(200));
      jars.getLast().load(0, 1);
    }
    var children = new ArrayList<dev.tine.fork.ForkedProcess>();
    for (int i = 0; i < 4; i++) {
      children.add(
          Program.fork(() -> {
            for (ClassesJar jar : jars) {
              jar.load(1, 200);
            }
          }));
    }
    for (var child : children) {
      Program.expectSuccess(child);
    }
    for (ClassesJar jar : jars) {
      jar.close();
    }
  }

  /** What may not be opened again by this user stays shared. */
  private static void inherited() throws Exception {
    checkEqual(Fd.read(INHERITED), "secret", "read");
    Fd.check("lseek", INHERITED, 2L, 0);
    inChild(() -> {
      check(Fd.isSharedWith(Proc.parent(Proc.self()), INHERITED), "it was opened again");
      checkEqual(Fd.read(INHERITED), "cret", "read");
    });
    checkEqual(Fd.read(INHERITED), "", "read in the parent: one position");
  }

  private static Path file(String prefix, String text) throws IOException {
    Path file = Files.createTempFile(prefix, ".txt");
    Files.writeString(file, text);
    return file;
  }
}
