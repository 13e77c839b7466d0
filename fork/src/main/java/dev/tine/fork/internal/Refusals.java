package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.sys.DescriptorCall;

/** Says what was refused, why, and what helps. */
final class Refusals {
  private Refusals() {}

  static ForkException of(DescriptorCall.Refusal refusal) {
    return Support.refused(reason(refusal));
  }

  static String reason(DescriptorCall.Refusal refusal) {
    int fd = refusal.fd();
    return switch (refusal.reason()) {
      case IO_URING ->
          "descriptor %d is an io_uring, whose queues are in memory that a child would share and not copy; close it before the fork, or use another transport (Netty: NIO or epoll). %s"
              .formatted(fd, remedy("Refusal.IO_URING"));
      case PERF_EVENT ->
          "descriptor %d is a performance counter, which would go on counting this process in the child; stop the profiler before the fork. %s"
              .formatted(fd, remedy("Refusal.PERF_EVENT"));
      case USERFAULTFD ->
          "descriptor %d is a userfaultfd, by which the child would answer the page faults of this process; close it before the fork. %s"
              .formatted(fd, remedy("Refusal.USERFAULTFD"));
      case FANOTIFY ->
          "descriptor %d is a fanotify, from which the child would take events of this process; close it before the fork. %s"
              .formatted(fd, remedy("Refusal.FANOTIFY"));
      case SHARED_MAPPING ->
          "%s is mapped writable and shared (%s at 0x%x): what one process writes there, the other would read. Unmap it before the fork, map it read-only or private, or fork with ForkOptions.defaults().allowMapping(path -> ...) if both shall see it"
              .formatted(
                  refusal.name().isEmpty() ? "memory without a name" : refusal.name(),
                  size(refusal.end() - refusal.begin()),
                  refusal.begin());
      case NONE -> "the reason is not known";
    };
  }

  private static String remedy(String refusal) {
    return "To fork nevertheless: ForkOptions.defaults().allow(" + refusal + ")";
  }

  /** "4 KB", "16 MB". */
  static String size(long bytes) {
    return bytes < 1 << 20 ? (bytes >> 10) + " KB" : (bytes >> 20) + " MB";
  }
}
