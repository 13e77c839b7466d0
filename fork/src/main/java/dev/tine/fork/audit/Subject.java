package dev.tine.fork.audit;

/** Where a thing is found in its process. */
public sealed interface Subject {

  /** An open descriptor, by its number. */
  record Descriptor(int fd) implements Subject {
    @Override
    public String toString() {
      return "fd " + fd;
    }
  }

  /**
   * A range of memory.
   *
   * @param from its first address
   * @param to the address behind it
   */
  record Memory(long from, long to) implements Subject {
    @Override
    public String toString() {
      return Long.toHexString(from) + "-" + Long.toHexString(to);
    }
  }

  /** A thread, by the kernel's number. */
  record Task(int tid) implements Subject {
    @Override
    public String toString() {
      return "tid " + tid;
    }
  }

  /** The process as a whole. */
  record Whole() implements Subject {
    @Override
    public String toString() {
      return "process";
    }
  }
}
