package dev.tine.fork;

/**
 * A descriptor that is open at a fork.
 *
 * @param number its number, in the child too
 * @param kind what it is
 * @param target what it refers to, as {@code /proc/self/fd} says: a path, {@code socket:[4711]}, or
 *     {@code anon_inode:[eventpoll]}
 * @param flags those of open(2), as {@code fcntl(F_GETFL)} gives them
 */
public record Descriptor(int number, Kind kind, String target, int flags) {

  /** What a descriptor is. */
  public enum Kind {
    /** None of the others: a pidfd, a BPF map. Shared. */
    OTHER,
    /** A regular file, with or without a name. Opened again. */
    FILE,
    /** A directory that is listed. Opened again. */
    DIRECTORY,
    /** A tty or another device. Shared. */
    DEVICE,
    /** The side of a pseudo-terminal that its programs are watched from. A dead end. */
    TERMINAL,
    /** A pipe with a name. Shared. */
    FIFO,
    /** A pipe without a name. Made anew, or a dead end if its other end is elsewhere. */
    PIPE,
    /** A socket that listens. Shared. */
    LISTENER,
    /** A socket with an address and without a peer. Shared. */
    BOUND_SOCKET,
    /** A socket with neither. Made anew. */
    FRESH_SOCKET,
    /** A socket with a peer, or that waits for one. Dead in the child. */
    CONNECTION,
    /** A UNIX connection with both ends in this process. Made anew. */
    SOCKET_PAIR,
    /** An epoll set. Made anew. */
    EPOLL,
    /** An eventfd. Made anew. */
    EVENTFD,
    /** A timerfd. Made anew. */
    TIMERFD,
    /** A signalfd. Made anew. */
    SIGNALFD,
    /** An inotify. Made anew, and empty. */
    INOTIFY,
    /** An io_uring. Refused. */
    IO_URING,
    /** A performance counter. Refused. */
    PERF_EVENT,
    /** A userfaultfd. Refused. */
    USERFAULTFD,
    /** A fanotify. Refused. */
    FANOTIFY
  }
}
