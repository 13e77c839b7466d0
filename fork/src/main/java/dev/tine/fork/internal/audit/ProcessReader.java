package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.AuditException;
import dev.tine.fork.audit.AuditException.Reason;
import dev.tine.sys.Kcmp;
import dev.tine.sys.UnixSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Reads a process from {@code /proc}. */
final class ProcessReader {
  /**
   * A thread that reads from a disk is in state D for a moment; only one that stays there counts.
   */
  private static final Duration DISK_LIMIT = Duration.ofMillis(300);

  private static final int STDERR = 2;

  /** Looks at a number that is another file's at each of them. */
  private static final int ATTEMPTS = 3;

  private final Path proc;
  private final Path home;
  private final long pid;

  ProcessReader(Path proc, long pid) {
    this.proc = proc;
    this.home = proc.resolve(Long.toString(pid));
    this.pid = pid;
  }

  /** Throws {@link AuditException}. */
  Snapshot read() {
    List<String> status = status();
    try {
      List<MappedRange> ranges =
          lines(home.resolve("maps")).stream()
              .map(MappedRange::parse)
              .flatMap(Optional::stream)
              .toList();
      requireJvm(ranges);
      List<OpenFile> files = files();
      Snapshot snapshot =
          new Snapshot(
              pid, command(), status, files, sockets(files), ranges, tasks(), optional("timers"));
      if (!Files.exists(home.resolve("status"))) {
        throw ended();
      }
      return snapshot;
    } catch (AccessDeniedException e) {
      throw denied(status);
    } catch (NoSuchFileException e) {
      throw ended();
    } catch (IOException e) {
      if (!Files.exists(home)) { // read(2) of a process that has ended: ESRCH
        throw ended();
      }
      throw new AuditException(
          Reason.UNREADABLE, "cannot look at process %d: %s".formatted(pid, e.getMessage()));
    }
  }

  private List<String> status() {
    List<String> status;
    try {
      status = lines(home.resolve("status"));
    } catch (IOException e) {
      if (!Files.exists(proc.resolve("self"))) {
        throw new AuditException(
            Reason.UNREADABLE,
            "cannot look at process " + pid + ": /proc is not mounted; mount it");
      }
      throw new AuditException(
          Reason.NO_SUCH_PROCESS,
          "there is no process " + pid + "; 'jps -l' or 'ps -C java' lists what is running");
    }
    String process = StatusLines.value(status, "Tgid");
    if (!process.equals(Long.toString(pid))) {
      throw new AuditException(
          Reason.NO_SUCH_PROCESS, "%d is a thread of process %s".formatted(pid, process));
    }
    return status;
  }

  private void requireJvm(List<MappedRange> ranges) throws IOException {
    if (ranges.stream()
        .anyMatch(range -> range.path().matches(".*/libjvm\\.so( \\(deleted\\))?"))) {
      return;
    }
    // Of a zombie, too, the list is empty.
    if (ranges.isEmpty() && StatusLines.value(status(), "State").matches("[ZX].*")) {
      throw ended();
    }
    throw new AuditException(
        Reason.NOT_A_JVM,
        "process %d (%s) is not a JVM: it has not loaded libjvm.so"
            .formatted(pid, String.join(" ", command())));
  }

  private List<OpenFile> files() throws IOException {
    List<OpenFile> files = new ArrayList<>();
    for (Path link : list("fd")) {
      file(link, ATTEMPTS).ifPresent(files::add);
    }
    return files;
  }

  /** Empty: it is closed, as the descriptor is by which this process lists its own. */
  private Optional<OpenFile> file(Path link, int attempts) throws IOException {
    try {
      String target = Files.readSymbolicLink(link).toString();
      Map<String, Object> facts = Files.readAttributes(link, "unix:mode,ino");
      int fd = number(link);
      List<String> info = lines(home.resolve("fdinfo").resolve(Integer.toString(fd)));
      return Optional.of(
          new OpenFile(
              fd,
              target,
              (int) number(facts, "mode"),
              number(facts, "ino"),
              info,
              isStandard(fd, target),
              Files.isReadable(link),
              Files.isWritable(link)));
    } catch (AccessDeniedException e) {
      throw e;
    } catch (IOException e) { // ENOENT, which read(2) says too if it is closed after the open
      // Another file has its number by now? One that is gone as well at each look is not worth
      // more.
      return attempts > 1 && Files.exists(link, LinkOption.NOFOLLOW_LINKS)
          ? file(link, attempts - 1)
          : Optional.empty();
    }
  }

  private boolean isStandard(int fd, String target) throws IOException {
    for (int standard = 0; standard <= STDERR; standard++) {
      if (fd == standard) {
        return true;
      }
      Path link = home.resolve("fd").resolve(Integer.toString(standard));
      if (Files.isSymbolicLink(link)
          && Files.readSymbolicLink(link).toString().equals(target)
          && Kcmp.isSameFile(pid, fd, pid, standard)) {
        return true;
      }
    }
    return false;
  }

  private SocketTables sockets(List<OpenFile> files) throws IOException {
    var tables = new SocketTables();
    if (files.stream().noneMatch(file -> file.type() == OpenFile.Type.SOCKET)) {
      return tables;
    }
    return tables
        .tcp(optional("net/tcp"))
        .tcp(optional("net/tcp6"))
        .udp(optional("net/udp"))
        .udp(optional("net/udp6"))
        .netlink(optional("net/netlink"))
        .unix(optional("net/unix"), isInMyNetwork() ? UnixSockets.all() : Optional.empty());
  }

  /** The kernel tells of sockets in the network namespace of who asks. */
  private boolean isInMyNetwork() throws IOException {
    return Files.readSymbolicLink(home.resolve("ns/net"))
        .equals(Files.readSymbolicLink(proc.resolve("self/ns/net")));
  }

  private List<Task> tasks() throws IOException {
    long deadlineNanos = System.nanoTime() + DISK_LIMIT.toNanos();
    List<Task> tasks = new ArrayList<>();
    for (Path directory : list("task")) {
      try {
        Task task = task(directory);
        while (task.state() == 'D' && System.nanoTime() < deadlineNanos) {
          LockSupport.parkNanos(1_000_000);
          task = task(directory);
        }
        tasks.add(task);
      } catch (IOException e) {
        if (Files.exists(directory)) {
          throw e;
        }
        // It has ended: ENOENT, or ESRCH in the middle.
      }
    }
    return tasks;
  }

  private static Task task(Path directory) throws IOException {
    return Task.of(number(directory), lines(directory.resolve("status")));
  }

  private List<String> command() throws IOException {
    String text = Files.readString(home.resolve("cmdline"), StandardCharsets.ISO_8859_1);
    String utf8 = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    return utf8.isEmpty() ? List.of() : List.of(utf8.replaceFirst("\0$", "").split("\0", -1));
  }

  /** Entries of a directory of numbers, in order. */
  private List<Path> list(String name) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(home.resolve(name))) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort((a, b) -> Integer.compare(number(a), number(b)));
    return entries;
  }

  /** Lines of a file that not every kernel has. */
  private List<String> optional(String name) throws IOException {
    try {
      return lines(home.resolve(name));
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static List<String> lines(Path file) throws IOException {
    // Not Files.readAllLines: names of files and threads may be of any bytes.
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  private static long number(Map<String, Object> facts, String name) {
    return facts.get(name) instanceof Number value ? value.longValue() : 0;
  }

  private static int number(Path path) {
    return Integer.parseInt(String.valueOf(path.getFileName()));
  }

  private AuditException denied(List<String> status) {
    String user = user(status);
    String cure;
    try {
      cure =
          user.equals(user(lines(proc.resolve("self/status"))))
              ? "it belongs to you, but has privileges that you have not, or is protected; audit it"
                  + " with CAP_SYS_PTRACE"
              : "it belongs to user " + user + "; audit it as that user or as root (sudo)";
    } catch (IOException e) {
      cure = "audit it as root";
    }
    return new AuditException(
        Reason.PERMISSION_DENIED, "process %d may not be looked at: %s".formatted(pid, cure));
  }

  private static String user(List<String> status) {
    return StatusLines.value(status, "Uid").split("\\s", 2)[0];
  }

  private AuditException ended() {
    return new AuditException(Reason.ENDED, "process " + pid + " ended while it was looked at");
  }
}
