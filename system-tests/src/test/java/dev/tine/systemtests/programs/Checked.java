package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.systemtests.kit.Proc;
import dev.tine.testkit.ForkCheck;
import dev.tine.testkit.ForkSafety;
import dev.tine.testkit.RecordingCode;
import dev.tine.testkit.Report;
import dev.tine.testkit.Shared;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** Code that is safe to fork, and code that is not, under the check of the test kit. */
public final class Checked {
  private static final Path FILE = Path.of("shared file");

  private Checked() {}

  static void main() throws IOException {
    Program.serve(
        Map.ofEntries(
            Map.entry("safe code", Checked::safeCode),
            Map.entry("kept connection", Checked::keptConnection),
            Map.entry("thread on a connection", Checked::threadOnAConnection),
            Map.entry("named pipe", Checked::namedPipe),
            Map.entry("written file", Checked::writtenFile),
            Map.entry("mapped file", Checked::mappedFile),
            Map.entry("lock", Checked::lock),
            Map.entry("same value", Checked::sameValue),
            Map.entry("hangs in the child", Checked::hangsInTheChild),
            Map.entry("ends the child", Checked::endsTheChild),
            Map.entry("fails before", Checked::failsBefore),
            Map.entry("ignored", Checked::ignored),
            Map.entry("no leaks", Checked::noLeaks)));
  }

  /** What is found in code, but for what a slow machine may add. */
  private static Set<Shared> found(RecordingCode code) {
    return Set.copyOf(ForkCheck.standard().inspect(code).shared());
  }

  private static <T extends Shared> void checkFinds(
      Class<T> kind, String text, RecordingCode code) {
    Set<Shared> found = found(code);
    check(
        found.stream().anyMatch(item -> kind.isInstance(item) && item.toString().contains(text)),
        "no %s with \"%s\" in %s",
        kind.getSimpleName(),
        text,
        found);
  }

  private static void safeCode() throws Exception {
    Path file = Files.writeString(FILE, "content");
    try (Echo echo = new Echo()) {
      Report report =
          ForkSafety.check(records -> {
            records.unique("uuid", UUID.randomUUID());
            checkEqual(Files.readString(file), "content", "file");
            try (Socket connection = echo.connect()) {
              checkEqual(Echo.ask(connection), 7, "echo");
            }
          });
      check(report.isSafe(), "%s", report);
    }
    Files.delete(FILE);
  }

  private static void keptConnection() throws Exception {
    try (Echo echo = new Echo();
        Socket kept = echo.connect()) {
      checkFinds(
          Shared.Failure.class,
          "the code failed in child 1: java.net.SocketException",
          _ -> checkEqual(Echo.ask(kept), 7, "echo"));
      checkEqual(Echo.ask(kept), 7, "echo in the parent, afterwards");
    }
  }

  private static void threadOnAConnection() throws Exception {
    try (Echo echo = new Echo();
        Socket kept = echo.connect()) {
      Thread reader =
          Thread.ofPlatform()
              .daemon()
              .name("reader of news")
              .start(() -> {
                try {
                  var _ = kept.getInputStream().read();
                } catch (IOException e) {
                  // as careless code does
                }
              });
      // The thread in the child needs a moment to find out; the code takes that moment.
      checkFinds(
          Shared.EndedThread.class,
          "thread \"reader of news\": ended in child 1",
          _ -> {
            if (Proc.self() != parentPid()) {
              reader.join(Program.LIMIT.toMillis());
            }
          });
      check(reader.isAlive(), "the reader has ended in the parent");
      kept.shutdownInput();
      reader.join();
    }
  }

  private static final long PARENT = Proc.self();

  private static long parentPid() {
    return PARENT;
  }

  private static void namedPipe() throws Exception {
    check(Libc.call("mkfifo", Libc.string("named pipe"), 0600) == 0, "mkfifo");
    try (var pipe = new RandomAccessFile("named pipe", "rw")) {
      checkFinds(
          Shared.Description.class,
          "one description in the parent and child 1",
          _ -> check(pipe.getFD().valid(), "closed"));
      checkFinds(
          Shared.Description.class,
          "one description in child 1 and child 2",
          _ -> check(pipe.getFD().valid(), "closed"));
    }
    Files.delete(Path.of("named pipe"));
  }

  private static void writtenFile() throws Exception {
    try (var file = new RandomAccessFile(FILE.toFile(), "rw")) {
      checkFinds(
          Shared.WrittenFile.class,
          "shared file: written by the parent and child 1",
          _ -> file.writeByte(1));
    }
    Files.delete(FILE);
    try (FileChannel log =
        FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ForkSafety.check(() -> {
        check(log.isOpen(), "closed");
      });
    }
    Files.delete(FILE);
  }

  private static void mappedFile() throws Exception {
    try (var file = new RandomAccessFile(FILE.toFile(), "rw");
        Arena arena = Arena.ofConfined()) {
      var memory = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
      Set<Shared> found = found(_ -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
      check(
          found.stream()
              .anyMatch(item ->
                  (item instanceof Shared.Mapping || item instanceof Shared.Refused)
                      && item.toString().contains("shared file")),
          "%s",
          found);
    }
    Files.delete(FILE);
  }

  private static void lock() throws Exception {
    try (var file = new RandomAccessFile(FILE.toFile(), "rw");
        var lock = file.getChannel().lock()) {
      checkFinds(
          Shared.LostLock.class,
          "shared file: held by the parent",
          _ -> check(lock.isValid(), "lost"));
    }
    Files.delete(FILE);
  }

  private static void sameValue() {
    Random seeded = new Random(42);
    checkFinds(
        Shared.Value.class,
        "drawn by the parent and child 1 and child 2",
        records -> records.unique("ticket", seeded.nextLong()));
    checkFinds(
        Shared.Value.class,
        "drawn by the parent before the fork and the parent and",
        records -> records.unique("constant", 1));
  }

  private static void hangsInTheChild() {
    Report report =
        ForkCheck.standard()
            .within(Duration.ofSeconds(3))
            .inspect(_ -> {
              if (Proc.self() != PARENT) {
                new CountDownLatch(1).await();
              }
            });
    check(
        report.shared().stream()
            .anyMatch(item -> item.toString().contains("child 1: it did not finish within PT3S")),
        "%s",
        report);
  }

  private static void endsTheChild() {
    checkFinds(
        Shared.Failure.class,
        "child 2: the process ended while the code ran",
        _ -> {
          if (Proc.self() != PARENT) {
            Runtime.getRuntime().halt(3);
          }
        });
  }

  private static void failsBefore() {
    try {
      ForkSafety.check((Runnable) () -> Program.fail("out of order"));
    } catch (AssertionError e) {
      check(
          String.valueOf(e.getMessage()).startsWith("the code fails already before the fork"),
          "%s",
          e);
      return;
    }
    Program.fail("it is fine");
  }

  private static void ignored() throws Exception {
    try (var file = new RandomAccessFile(FILE.toFile(), "rw")) {
      ForkCheck.standard()
          .ignoring(item ->
              item instanceof Shared.WrittenFile(String path, String _)
                  && path.endsWith("shared file"))
          .inspect(_ -> file.writeByte(1))
          .orThrow();
    }
    Files.delete(FILE);
  }

  private static void noLeaks() throws Exception {
    ForkSafety.check(() -> {});
    var before = Proc.descriptors(Proc.self()).keySet();
    ForkSafety.check(() -> {});
    var more =
        Proc.descriptors(Proc.self()).keySet().stream()
            .filter(fd -> !before.contains(fd))
            .collect(Collectors.toSet());
    check(more.isEmpty(), "descriptors are left: %s", more);
  }

  /** A server that answers each byte with itself. */
  private static final class Echo implements Closeable {
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());

    Echo() throws IOException {
      Thread.ofPlatform().daemon().start(this::serve);
    }

    private void serve() {
      while (!server.isClosed()) {
        try {
          Socket connection = server.accept();
          Thread.ofPlatform().daemon().start(() -> answer(connection));
        } catch (IOException e) {
          // closed
        }
      }
    }

    private static void answer(Socket connection) {
      try (connection) {
        for (int b; (b = connection.getInputStream().read()) >= 0; ) {
          connection.getOutputStream().write(b);
        }
      } catch (IOException e) {
        // the other end is gone, or this is a child
      }
    }

    Socket connect() throws IOException {
      return new Socket(server.getInetAddress(), server.getLocalPort());
    }

    static int ask(Socket connection) throws IOException {
      connection.getOutputStream().write(7);
      return connection.getInputStream().read();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
