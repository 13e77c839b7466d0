package dev.tine.fork;

/**
 * Something that makes a fork unsafe, so that it is refused. {@link ForkOptions#allow} relaxes them
 * one by one.
 */
public enum Refusal {
  /** An io_uring: its queues are in memory that the child would share. */
  IO_URING,
  /** A performance counter: it goes on counting and sampling the parent. */
  PERF_EVENT,
  /** A userfaultfd: the child would answer the page faults of the parent. */
  USERFAULTFD,
  /** A fanotify: the child would take the parent's events. */
  FANOTIFY,
  /**
   * Memory that is mapped writable and shared. {@link ForkOptions#allowMapping} relaxes it by path.
   */
  SHARED_MAPPING,
  /** A recording of the JDK Flight Recorder is running. */
  FLIGHT_RECORDER
}
