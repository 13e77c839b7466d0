package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a child has in the place of each descriptor.
 *
 * <p>Says the same as {@code classify} in {@code survey.c}, which decides, and as {@code
 * child/descriptors.c}, which acts.
 */
final class DescriptorPolicy {
  /** What sock_diag(7) tells of an inode. */
  private static final long DIAG_INODE = 0xffff_ffffL;

  private final SocketTables sockets;

  /** Inodes of pipes with an end in this process: whether there is a reader, and a writer. */
  private final Map<Long, Set<Boolean>> pipeEnds = new HashMap<>();

  /** Inodes of the connected UNIX sockets in this process, and of what they are connected to. */
  private final Map<Long, Long> unixPeers = new HashMap<>();

  private final List<OpenFile> files;

  DescriptorPolicy(List<OpenFile> files, SocketTables sockets) {
    this.files = files;
    this.sockets = sockets;
    for (OpenFile file : files) {
      if (file.isStandard()) {
        continue; // shared, so not an end that a child could have
      }
      if (file.type() == OpenFile.Type.PIPE) {
        pipeEnds.computeIfAbsent(file.inode(), _ -> new HashSet<>()).add(file.isWriteEnd());
      } else if (file.type() == OpenFile.Type.SOCKET) {
        sockets
            .socket(file.inode())
            .filter(socket -> socket.state() == Socket.State.CONNECTED && socket.peer() != 0)
            .ifPresent(socket -> unixPeers.put(file.inode() & DIAG_INODE, socket.peer()));
      }
    }
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (OpenFile file : files) {
      findings.add(finding(file));
      if (file.count("lock:") > 0) {
        findings.add(lock(file));
      }
    }
    return findings;
  }

  private Finding finding(OpenFile file) {
    Finding own =
        switch (file.type()) {
          case REGULAR -> regular(file);
          case SOCKET -> socket(file);
          case PIPE -> pipe(file);
          case ANONYMOUS -> anonymous(file);
          case DIRECTORY ->
              reopened(file, Kind.DIRECTORY, "The child lists it from a position of its own.");
          case DEVICE -> device(file);
        };
    if (file.isPathOnly()) {
      return shared(file, Kind.PATH, "It names a file and was not opened to be read or written.");
    }
    if (file.isStandard()) {
      return shared(file, own.kind(), "Standard input, output and error are shared on purpose.");
    }
    return own;
  }

  private static Finding device(OpenFile file) {
    return switch (file.target()) {
      case "/dev/ptmx", "/dev/pts/ptmx" ->
          new Finding(
              subject(file),
              Kind.TERMINAL,
              file.target(),
              Treatment.DETACHED,
              "The programs on this terminal are the parent's; in the child there is none on it.");
      case String name when name.startsWith("/dev/tty") || name.startsWith("/dev/pts/") ->
          shared(file, Kind.TERMINAL, "A terminal belongs to all processes on it.");
      default -> shared(file, Kind.DEVICE, "A device is one for all processes.");
    };
  }

  private static Finding regular(OpenFile file) {
    if (file.target().startsWith("anon_inode:")) { // pidfs, since Linux 6.9
      return anonymous(file);
    }
    if (file.target().startsWith("/memfd:")) {
      return reopened(
          file,
          Kind.MEMORY_FILE,
          "The position is the child's own; the content is one for parent and child.");
    }
    if (!file.writes()) {
      return reopened(file, Kind.FILE_READ_ONLY, "The child reads at a position of its own.");
    }
    return file.appends()
        ? reopened(file, Kind.FILE_APPENDED, "Parent and child both append to it.")
        : reopened(
            file,
            Kind.FILE_WRITABLE,
            "Parent and child write at positions of their own, the one over the other.");
  }

  private static Finding reopened(OpenFile file, Kind kind, String why) {
    return file.mayReopen()
        ? new Finding(subject(file), kind, file.target(), Treatment.REOPENED, why)
        : shared(
            file,
            kind,
            "It may not be opened again with the present rights, so parent and child share the"
                + " position in it.");
  }

  private Finding socket(OpenFile file) {
    return sockets
        .socket(file.inode())
        .map(socket -> known(file, socket))
        .orElseGet(() -> fresh(file));
  }

  private static Finding fresh(OpenFile file) {
    return new Finding(
        subject(file),
        Kind.FRESH_SOCKET,
        file.target(),
        Treatment.REBUILT,
        "What is connected next shall be a connection of the child's own.");
  }

  private Finding known(OpenFile file, Socket socket) {
    String target = socket.description().isEmpty() ? file.target() : socket.description();
    return switch (socket.state()) {
      case LISTENING ->
          new Finding(
              subject(file),
              socket.family() == Socket.Family.TCP ? Kind.TCP_LISTENER : Kind.UNIX_LISTENER,
              target,
              Treatment.SHARED,
              "Whichever process accepts a connection serves it.");
      case BOUND ->
          new Finding(
              subject(file),
              Kind.SOCKET,
              target,
              Treatment.SHARED,
              "It has an address and no connection that two processes could mix up.");
      case FRESH -> fresh(file);
      case HUNG_UP ->
          new Finding(
              subject(file),
              Kind.HUNG_UP_SOCKET,
              target,
              Treatment.SHARED,
              "Its other end is closed, so nothing can be mixed up.");
      case CONNECTED -> connection(file, socket, target);
    };
  }

  private Finding connection(OpenFile file, Socket socket, String target) {
    // A datagram socket may send to one that sends elsewhere.
    Long peerOfPeer = unixPeers.get(socket.peer());
    if (peerOfPeer != null && peerOfPeer == (file.inode() & DIAG_INODE)) {
      return new Finding(
          subject(file),
          Kind.SOCKET_PAIR,
          target,
          Treatment.REBUILT,
          "Both ends are here: the child has a pair of its own, with the same bytes in it.");
    }
    Kind kind =
        switch (socket.family()) {
          case TCP -> Kind.TCP_CONNECTION;
          case UDP -> Kind.UDP_CONNECTION;
          case UNIX -> Kind.UNIX_CONNECTION;
          case NETLINK -> Kind.NETLINK;
        };
    return new Finding(
        subject(file),
        kind,
        target,
        Treatment.DETACHED,
        "Two processes would take each other's bytes; the child's fails at once, and is to be"
            + " connected anew.");
  }

  private Finding pipe(OpenFile file) {
    if (!file.target().startsWith("pipe:[")) {
      return shared(file, Kind.NAMED_PIPE, "It is opened by name by whom it concerns.");
    }
    boolean bothEnds = pipeEnds.getOrDefault(file.inode(), Set.of()).size() == 2;
    return bothEnds
        ? new Finding(
            subject(file),
            Kind.INTERNAL_PIPE,
            file.target(),
            Treatment.REBUILT,
            "Both ends are here: the child has a pipe of its own, with the same bytes in it.")
        : new Finding(
            subject(file),
            Kind.PIPE,
            file.target(),
            Treatment.DETACHED,
            "The process at the other end is the parent's partner; the child reads end of file, or"
                + " gets EPIPE.");
  }

  private static Finding anonymous(OpenFile file) {
    String name = file.target().replaceFirst("^anon_inode:\\[?([^\\]]*)\\]?$", "$1");
    return switch (name) {
      case "eventpoll" ->
          own(
              file,
              Kind.EPOLL,
              "members: " + file.count("tfd:"),
              "The child polls a set of its own with the same members.");
      case "eventfd" -> own(file, Kind.EVENTFD, "", "The child has a counter of its own.");
      case "timerfd" ->
          own(file, Kind.TIMERFD, "", "The child has a timer of its own that ends when this does.");
      case "signalfd" ->
          own(file, Kind.SIGNALFD, "", "The child reads the signals that are sent to it.");
      case "inotify" ->
          new Finding(
              subject(file),
              Kind.INOTIFY,
              "watches: " + file.count("inotify "),
              Treatment.EMPTIED,
              "What is watched is the parent's to be told; the child is to register again.");
      case "pidfd" -> shared(file, Kind.PIDFD, "It stands for a process, whoever holds it.");
      case "io_uring" ->
          new Finding(
              subject(file),
              Kind.IO_URING,
              "",
              Treatment.REFUSED,
              "Its queues lie in memory that parent and child would both write; close it before the"
                  + " fork, or switch the transport to epoll.");
      case "perf_event" ->
          new Finding(
              subject(file),
              Kind.PERF_EVENT,
              "",
              Treatment.REFUSED,
              "It counts for the parent's threads; stop the profiler before the fork.");
      case "userfaultfd" ->
          new Finding(
              subject(file),
              Kind.USERFAULTFD,
              "",
              Treatment.REFUSED,
              "The child would answer the page faults of the parent; close it before the fork.");
      case "fanotify" ->
          new Finding(
              subject(file),
              Kind.FANOTIFY,
              "",
              Treatment.REFUSED,
              "The child would take the parent's events; close it before the fork.");
      default ->
          shared(file, Kind.OTHER, "Tine does not know this kind, and leaves it as fork(2) does.");
    };
  }

  private static Finding lock(OpenFile file) {
    return new Finding(
        subject(file),
        Kind.RECORD_LOCK,
        file.target(),
        Treatment.LOST,
        "The kernel gives locks to a process, not to its children, though a FileLock in the child"
            + " says it is valid; take it after the fork.");
  }

  private static Finding own(OpenFile file, Kind kind, String target, String why) {
    return new Finding(subject(file), kind, target, Treatment.REBUILT, why);
  }

  private static Finding shared(OpenFile file, Kind kind, String why) {
    return new Finding(subject(file), kind, file.target(), Treatment.SHARED, why);
  }

  private static Subject subject(OpenFile file) {
    return new Subject.Descriptor(file.fd());
  }
}
