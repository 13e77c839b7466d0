package dev.tine.fork.audit;

import static dev.tine.fork.audit.Area.DESCRIPTORS;
import static dev.tine.fork.audit.Area.GENERATORS;
import static dev.tine.fork.audit.Area.MAPPINGS;
import static dev.tine.fork.audit.Area.SERVICES;
import static dev.tine.fork.audit.Area.THREADS;

/** What a thing is. */
public enum Kind {
  FILE_READ_ONLY(DESCRIPTORS, "file, read-only"),
  FILE_WRITABLE(DESCRIPTORS, "file, writable"),
  FILE_APPENDED(DESCRIPTORS, "file, appended to"),
  MEMORY_FILE(DESCRIPTORS, "memfd"),
  DIRECTORY(DESCRIPTORS, "directory"),
  DEVICE(DESCRIPTORS, "device"),
  TERMINAL(DESCRIPTORS, "terminal"),
  NAMED_PIPE(DESCRIPTORS, "named pipe"),
  INTERNAL_PIPE(DESCRIPTORS, "pipe within the process"),
  PIPE(DESCRIPTORS, "pipe to another process"),
  EPOLL(DESCRIPTORS, "epoll set"),
  EVENTFD(DESCRIPTORS, "eventfd"),
  TIMERFD(DESCRIPTORS, "timerfd"),
  SIGNALFD(DESCRIPTORS, "signalfd"),
  INOTIFY(DESCRIPTORS, "inotify"),
  PIDFD(DESCRIPTORS, "pidfd"),
  IO_URING(DESCRIPTORS, "io_uring"),
  PERF_EVENT(DESCRIPTORS, "perf event"),
  TCP_LISTENER(DESCRIPTORS, "TCP listener"),
  TCP_CONNECTION(DESCRIPTORS, "TCP connection"),
  UDP_CONNECTION(DESCRIPTORS, "connected UDP socket"),
  UNIX_LISTENER(DESCRIPTORS, "UNIX listener"),
  UNIX_CONNECTION(DESCRIPTORS, "UNIX connection"),
  SOCKET_PAIR(DESCRIPTORS, "socket pair within the process"),
  NETLINK(DESCRIPTORS, "netlink socket"),
  HUNG_UP_SOCKET(DESCRIPTORS, "UNIX socket, hung up"),
  SOCKET(DESCRIPTORS, "socket, bound"),
  FRESH_SOCKET(DESCRIPTORS, "socket, not connected yet"),
  USERFAULTFD(DESCRIPTORS, "userfaultfd"),
  FANOTIFY(DESCRIPTORS, "fanotify"),
  PATH(DESCRIPTORS, "path (O_PATH)"),
  OTHER(DESCRIPTORS, "other descriptor"),
  RECORD_LOCK(DESCRIPTORS, "lock on a file"),

  PRIVATE_MEMORY(MAPPINGS, "private memory"),
  SHARED_READ_ONLY(MAPPINGS, "shared mapping, read-only"),
  SHARED_WRITABLE(MAPPINGS, "shared mapping, writable"),
  SHARED_HEAP(MAPPINGS, "Java heap in shared memory"),
  HUGE_PAGES(MAPPINGS, "explicit huge pages"),
  MUSL(MAPPINGS, "C library"),
  PERF_DATA(MAPPINGS, "hsperfdata"),

  THREAD(THREADS, "thread"),
  LEADER(THREADS, "primordial thread"),
  PARK_SIGNAL(THREADS, "signal that stops threads"),

  SECURE_RANDOM(GENERATORS, "SecureRandom"),
  THREAD_LOCAL_RANDOM(GENERATORS, "ThreadLocalRandom, Math.random()"),
  SEED_SOURCE(GENERATORS, "seeds of new generators"),
  EXISTING_RANDOM(GENERATORS, "Random, SplittableRandom"),

  ATTACH(SERVICES, "attach"),
  FLIGHT_RECORDER(SERVICES, "JFR"),
  DEBUGGER(SERVICES, "JDWP"),
  JMX_PORT(SERVICES, "JMX port"),
  LOG_FILE(SERVICES, "unified log file"),
  PROFILER(SERVICES, "profiler"),
  TIMER(SERVICES, "POSIX timer"),
  PLATFORM(SERVICES, "platform");

  private final Area area;
  private final String label;

  Kind(Area area, String label) {
    this.area = area;
    this.label = label;
  }

  /** The part of the process it belongs to. */
  public Area area() {
    return area;
  }

  /** The kind in a few words, such as "epoll set". */
  public String label() {
    return label;
  }
}
