package dev.tine.testkit;

/** Something that processes had in common, or that a child did not have, and should have. */
public sealed interface Shared {

  /**
   * One description under descriptors of two processes: they take each other's bytes, and move each
   * other's position.
   *
   * @param fd in the first of the processes
   * @param what its kind and target
   * @param processes which
   */
  record Description(int fd, String what, String processes) implements Shared {
    @Override
    public String toString() {
      return "descriptor %d, %s: one description in %s, so that each takes what is the other's. Open it after the fork"
          .formatted(fd, what, processes);
    }
  }

  /**
   * A file that two processes write to, each at a position of its own: the one over the other.
   *
   * @param path as the kernel names it
   */
  record WrittenFile(String path, String processes) implements Shared {
    @Override
    public String toString() {
      return "file %s: written by %s, each at a position of its own. Open it for appending, or one for each process"
          .formatted(path, processes);
    }
  }

  /**
   * Memory that is mapped writable by two processes.
   *
   * @param path as the kernel names it
   */
  record Mapping(String path, String processes) implements Shared {
    @Override
    public String toString() {
      return "memory of %s: written and read by %s. Map it privately, or after the fork"
          .formatted(path.isEmpty() ? "no file" : path, processes);
    }
  }

  /**
   * A lock on a file that the parent held at the fork, and that the child does not hold.
   *
   * @param path as the kernel names the file
   */
  record LostLock(String path) implements Shared {
    @Override
    public String toString() {
      return "lock on %s: held by the parent alone, though the child believes to have it. Take it after the fork"
          .formatted(path);
    }
  }

  /** A value that was recorded as unique, and was drawn more than once. */
  record Value(String name, String value, String processes) implements Shared {
    @Override
    public String toString() {
      return "%s %s: drawn by %s. Seed its generator after the fork"
          .formatted(name, value, processes);
    }
  }

  /**
   * A thread that goes on in the parent and has ended in a child.
   *
   * @param name of the thread
   */
  record EndedThread(String name, String process) implements Shared {
    @Override
    public String toString() {
      return "thread \"%s\": ended in %s, and goes on in the parent. It met something there that was detached; see what it printed"
          .formatted(name, process);
    }
  }

  /**
   * The code failed in a process, though it had worked before the fork.
   *
   * @param failure the exception with its stack, or how the process ended
   */
  record Failure(String process, String failure) implements Shared {
    @Override
    public String toString() {
      return "the code failed in %s: %s".formatted(process, failure.strip());
    }
  }

  /**
   * There was no fork.
   *
   * @param reason of {@code ForkException}, with the remedy
   */
  record Refused(String reason) implements Shared {
    @Override
    public String toString() {
      return reason;
    }
  }
}
