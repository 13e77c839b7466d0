package dev.tine.process;

/** What a subprocess may have only so much of: setrlimit(2). */
public enum Resource {
  /** Seconds of processor time. */
  CPU(0),
  /** Bytes of a file that it writes. */
  FILE_SIZE(1),
  /** Bytes of data segment. */
  DATA(2),
  /** Bytes of stack. */
  STACK(3),
  /** Bytes of core dump. */
  CORE(4),
  /** Processes of its user. */
  PROCESSES(6),
  /** Descriptors; more exactly, their highest number plus one. */
  DESCRIPTORS(7),
  /** Bytes of memory that cannot be swapped out. */
  LOCKED_MEMORY(8),
  /** Bytes of address space. */
  ADDRESS_SPACE(9);

  /** No limit. */
  public static final long UNLIMITED = -1;

  private final int number;

  Resource(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
