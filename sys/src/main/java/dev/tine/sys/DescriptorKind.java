package dev.tine.sys;

/** What a descriptor is, {@code enum tine_kind} in the same order. */
public enum DescriptorKind {
  OTHER,
  FILE,
  DIRECTORY,
  DEVICE,
  TERMINAL,
  FIFO,
  PIPE,
  LISTENER,
  BOUND_SOCKET,
  FRESH_SOCKET,
  CONNECTION,
  SOCKET_PAIR,
  EPOLL,
  EVENTFD,
  TIMERFD,
  SIGNALFD,
  INOTIFY,
  IO_URING,
  PERF_EVENT,
  USERFAULTFD,
  FANOTIFY;

  private static final DescriptorKind[] VALUES = values();

  static DescriptorKind of(int number) {
    return number >= 0 && number < VALUES.length ? VALUES[number] : OTHER;
  }
}
