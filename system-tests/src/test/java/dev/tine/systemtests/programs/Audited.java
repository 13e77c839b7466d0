package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Refusal;
import dev.tine.fork.audit.Area;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import dev.tine.fork.audit.Verdict;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Opens one of each kind, and compares what the audit says of it with what a child then has. */
public final class Audited {
  private static final int SYS_KCMP = 312;
  private static final int SYS_MEMFD_CREATE = 319;
  private static final int SYS_PIDFD_OPEN = 434;
  private static final int SYS_IO_URING_SETUP = 425;
  private static final int KCMP_FILE = 0;
  private static final int AF_UNIX = 1;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_SEQPACKET = 5;
  private static final int O_PATH = 0x200000;
  private static final int O_CREAT_APPEND = 01 | 0100 | 02000; // and O_WRONLY
  private static final int CLOCK_MONOTONIC = 1;

  private static final Path DIRECTORY = Path.of("opened");
  private static final Path COMPARED = Path.of("compared");
  private static final List<Object> OPEN = new ArrayList<>();

  private Audited() {}

  static void main() throws IOException {
    Program.serve(
        Map.ofEntries(
            Map.entry("start", () -> {}),
            Map.entry("open", Audited::open),
            Map.entry("matches a child", Audited::matchesAChild),
            Map.entry("block signals", () -> Libc.mask(true, 35, 36, 37, 38, 39, 40)),
            Map.entry("unblock signals", () -> Libc.mask(false, 35, 36, 37, 38, 39, 40)),
            Map.entry("map a file", Audited::mapAFile),
            Map.entry("open an io_uring", Audited::openAnIoUring),
            Map.entry("is refused", Audited::isRefused),
            Map.entry("forks", Audited::forks),
            Map.entry("forks if allowed", Audited::forksIfAllowed),
            Map.entry("close", Audited::close)));
  }

  @SuppressWarnings("MustBeClosedChecker") // close() does it
  private static void mapAFile() throws IOException {
    Arena arena = Arena.ofShared();
    try (var file = new RandomAccessFile("mapped", "rw")) {
      file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
    }
    Files.delete(Path.of("mapped"));
    keep(arena);
  }

  private static void openAnIoUring() {
    keepFd(Libc.syscall(SYS_IO_URING_SETUP, 4, Libc.memory(120)));
  }

  @SuppressWarnings({"MustBeClosedChecker", "StreamResourceLeak"}) // close() does it
  private static void open() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Files.createDirectory(DIRECTORY);
    Path log = DIRECTORY.resolve("odd \"name\"\n.log");
    var file = keep(new RandomAccessFile(log.toFile(), "rw"));
    file.setLength(1_000);
    file.seek(123);
    var _ = keep(file.getChannel().lock(3, 5, /* shared= */ false));
    keep(new RandomAccessFile(log.toFile(), "r")).seek(77);
    check(Libc.call("mkfifo", Libc.string("opened/fifo"), 0600) == 0, "mkfifo");
    keep(new RandomAccessFile(DIRECTORY.resolve("fifo").toFile(), "rw"));
    keep(Files.newDirectoryStream(DIRECTORY));
    keep(new RandomAccessFile("/dev/zero", "r"));

    var listener = keep(ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0)));
    keep(SocketChannel.open(listener.getLocalAddress()));
    keep(listener.accept());
    keep(SocketChannel.open());
    keep(DatagramChannel.open());
    keep(DatagramChannel.open().bind(new InetSocketAddress(loopback, 0)));
    keep(DatagramChannel.open()).connect(new InetSocketAddress(loopback, 9));
    var address = UnixDomainSocketAddress.of(DIRECTORY.resolve("socket"));
    var unix = keep(ServerSocketChannel.open(StandardProtocolFamily.UNIX)).bind(address);
    keep(SocketChannel.open(address)); // its other end waits to be accepted
    keep(unix);
    List<Integer> pair = socketPair(SOCK_STREAM);
    int sent = Libc.call("write", pair.getFirst(), Libc.string("unread"), 6L);
    checkEqual(sent, 6, "write");
    socketPair(SOCK_DGRAM);
    socketPair(SOCK_SEQPACKET);
    List<Integer> half = socketPair(SOCK_STREAM);
    check(Libc.call("close", half.getLast()) == 0, "close");
    OPEN.remove(half.getLast());
    int netlink = keepFd(Libc.call("socket", AF_NETLINK, SOCK_DGRAM, 0));
    MemorySegment any = Libc.memory(12); // struct sockaddr_nl
    any.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
    check(Libc.call("bind", netlink, any, 12) == 0, "bind");

    var pipe = Pipe.open();
    keep(pipe.source());
    keep(pipe.sink());
    pipe.sink().write(ByteBuffer.wrap(new byte[5]));
    Selector selector = keep(Selector.open());
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    pipe.source().configureBlocking(false);
    pipe.source().register(selector, SelectionKey.OP_READ);
    selector.selectNow(); // makes them members
    keepFd(Libc.call("eventfd", 7, 0));
    var watches = keep(DIRECTORY.getFileSystem().newWatchService());
    DIRECTORY.register(watches, StandardWatchEventKinds.ENTRY_CREATE);
    keepFd(Libc.syscall(SYS_MEMFD_CREATE, Libc.string("cache"), 0));
    keepFd(Libc.syscall(SYS_PIDFD_OPEN, Proc.self(), 0));
    keepFd(Libc.call("open", Libc.string("opened"), O_PATH));
    keepFd(Libc.call("open", Libc.string("opened/app.log"), O_CREAT_APPEND, 0600));
    keepFd(Libc.call("dup", 1));
    keepFd(Libc.call("timerfd_create", CLOCK_MONOTONIC, 0));
    keepFd(Libc.call("signalfd", -1, Libc.signalSet(12), 0));
  }

  private static List<Integer> socketPair(int type) {
    MemorySegment fds = Libc.memory(8);
    check(Libc.call("socketpair", AF_UNIX, type, 0, fds) == 0, "socketpair");
    return List.of(
        keepFd(fds.getAtIndex(ValueLayout.JAVA_INT, 0)),
        keepFd(fds.getAtIndex(ValueLayout.JAVA_INT, 1)));
  }

  private static <T> T keep(T object) {
    OPEN.add(object);
    return object;
  }

  private static Integer keepFd(int fd) {
    check(fd >= 0, "error %d", -fd);
    return keep((Integer) fd);
  }

  private static void close() throws Exception {
    for (Object object : OPEN.reversed()) {
      switch (object) {
        case Integer fd -> check(Libc.call("close", fd) == 0, "close %d", fd);
        case AutoCloseable closeable -> closeable.close();
        default -> throw new AssertionError(object);
      }
    }
    OPEN.clear();
    for (String name : List.of("odd \"name\"\n.log", "fifo", "socket", "app.log")) {
      Files.deleteIfExists(DIRECTORY.resolve(name));
    }
    Files.deleteIfExists(DIRECTORY);
  }

  private static void matchesAChild() throws Exception {
    Process cat = new ProcessBuilder("cat").start(); // at the other end of three pipes
    try {
      compareWithAChild();
    } finally {
      cat.destroyForcibly().waitFor();
    }
  }

  private static void compareWithAChild() throws Exception {
    Audit before = JvmFork.audit();
    checkEqual(before.verdict(), Verdict.FORKABLE, "verdict on " + before.refused());
    ForkedProcess child =
        Program.fork(() -> Program.await("the comparison", () -> Files.exists(COMPARED)));
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    List<String> differences = new ArrayList<>();
    try {
      Audit inChild = Audit.of(child.pid());
      for (Finding finding : before.findings(Area.DESCRIPTORS)) {
        seen.add(finding.kind());
        compare(child.pid(), finding, inChild, differences);
      }
      checkEqual(perfData(before), List.of(Proc.self()), "processes of hsperfdata in the parent");
      checkEqual(perfData(inChild), List.of(child.pid()), "processes of hsperfdata in the child");
    } finally {
      Files.createFile(COMPARED);
    }
    Program.expectSuccess(child);
    Files.delete(COMPARED);
    check(differences.isEmpty(), "%s", String.join("\n", differences));
    Set<Kind> missing =
        EnumSet.of(
            Kind.FILE_READ_ONLY,
            Kind.FILE_WRITABLE,
            Kind.FILE_APPENDED,
            Kind.MEMORY_FILE,
            Kind.DIRECTORY,
            Kind.DEVICE,
            Kind.NAMED_PIPE,
            Kind.INTERNAL_PIPE,
            Kind.PIPE,
            Kind.EPOLL,
            Kind.EVENTFD,
            Kind.INOTIFY,
            Kind.PIDFD,
            Kind.TCP_LISTENER,
            Kind.TCP_CONNECTION,
            Kind.UDP_CONNECTION,
            Kind.UNIX_LISTENER,
            Kind.UNIX_CONNECTION,
            Kind.SOCKET_PAIR,
            Kind.NETLINK,
            Kind.SOCKET,
            Kind.FRESH_SOCKET,
            Kind.HUNG_UP_SOCKET,
            Kind.PATH,
            Kind.TIMERFD,
            Kind.SIGNALFD,
            Kind.RECORD_LOCK);
    missing.removeAll(seen);
    check(missing.isEmpty(), "the audit does not show %s", missing);
  }

  /** The pids in the names of files that are mapped for jps and jstat. */
  private static List<Long> perfData(Audit audit) {
    return audit.findings(Area.MAPPINGS).stream()
        .filter(finding -> finding.kind() == Kind.PERF_DATA)
        .map(finding -> Long.valueOf(Path.of(finding.target()).getFileName().toString()))
        .toList();
  }

  private static void compare(long child, Finding finding, Audit inChild, List<String> differences)
      throws IOException {
    int fd = ((Subject.Descriptor) finding.subject()).fd();
    int order = Libc.syscall(SYS_KCMP, Proc.self(), child, KCMP_FILE, fd, fd);
    check(order >= 0, "kcmp of fd %d: error %d", fd, -order);
    List<String> here = info(Proc.self(), fd);
    List<String> there = info(child, fd);
    boolean isSame = order == 0;
    String wrong =
        switch (finding.treatment()) {
          case SHARED -> isSame ? "" : "is not shared";
          case REOPENED ->
              isSame
                  ? "is shared"
                  : isStill(finding) && !line(here, "pos:").equals(line(there, "pos:"))
                      ? "is at another position"
                      : "";
          case REBUILT -> isSame ? "is shared" : state(finding.kind(), fd, here, there, inChild);
          case EMPTIED ->
              isSame ? "is shared" : line(there, "inotify ").isEmpty() ? "" : "has watches";
          case DETACHED -> isSame ? "is shared" : dead(finding.kind(), fd, inChild);
          case LOST -> line(there, "lock:").isEmpty() ? "" : "has the lock";
          case RENEWED, COPIED, REFUSED -> "cannot be so";
        };
    if (!wrong.isEmpty()) {
      differences.add("%s, but in the child it %s".formatted(finding, wrong));
    }
  }

  /** A file that nobody reads since the fork, as the JVM does its jars. */
  private static boolean isStill(Finding finding) {
    return finding.target().contains("/" + DIRECTORY);
  }

  private static String state(
      Kind kind, int fd, List<String> here, List<String> there, Audit inChild) {
    return switch (kind) {
      case EPOLL -> {
        long members = here.stream().filter(line -> line.startsWith("tfd:")).count();
        yield members == there.stream().filter(line -> line.startsWith("tfd:")).count()
            ? ""
            : "has other members";
      }
      case EVENTFD ->
          line(here, "eventfd-count:").equals(line(there, "eventfd-count:"))
              ? ""
              : "has another count";
      default -> is(kind, fd, inChild); // a pair or a pipe has both its ends there
    };
  }

  /** A pipe whose other end is nobody's, or a socket that is not connected. */
  private static String dead(Kind kind, int fd, Audit inChild) {
    return is(kind == Kind.PIPE ? kind : Kind.FRESH_SOCKET, fd, inChild);
  }

  private static String is(Kind expected, int fd, Audit inChild) {
    Finding now =
        inChild.findings(Area.DESCRIPTORS).stream()
            .filter(finding -> finding.subject().equals(new Subject.Descriptor(fd)))
            .findFirst()
            .orElseThrow();
    return now.kind() == expected ? "" : "is " + now;
  }

  private static String line(List<String> info, String prefix) {
    return info.stream().filter(line -> line.startsWith(prefix)).findFirst().orElse("");
  }

  private static List<String> info(long pid, int fd) throws IOException {
    return Files.readAllLines(Path.of("/proc/%d/fdinfo/%d".formatted(pid, fd)));
  }

  private static void isRefused() throws InterruptedException {
    Audit audit = JvmFork.audit();
    checkEqual(audit.verdict(), Verdict.REFUSED, "verdict");
    check(
        audit.refused().stream().allMatch(f -> f.treatment() == Treatment.REFUSED),
        "refused: %s",
        audit.refused());
    String reason = Objects.toString(audit.refused().getFirst().why());
    try {
      Program.expectSuccess(Program.fork(() -> {}));
    } catch (ForkException e) {
      Program.say("refused " + reason);
      return;
    }
    Program.fail("it forks, though the audit says: %s", reason);
  }

  private static void forksIfAllowed() throws InterruptedException {
    ForkOptions options = ForkOptions.defaults().allow(Refusal.values());
    Audit audit = JvmFork.audit(options);
    checkEqual(audit.verdict(), Verdict.FORKABLE, "verdict on " + audit.refused());
    Program.expectSuccess(Program.fork(options, () -> {}));
  }

  private static void forks() throws InterruptedException {
    checkEqual(JvmFork.audit().verdict(), Verdict.FORKABLE, "verdict");
    Program.inChild(() -> {});
  }
}
