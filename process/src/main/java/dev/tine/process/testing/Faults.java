package dev.tine.process.testing;

import dev.tine.sys.FaultyCalls;

/**
 * Failures of the kernel that tests of real programs hardly meet, for all streams and starts of
 * this process, until they are closed. One at a time.
 */
public final class Faults implements AutoCloseable {
  private Faults() {}

  /**
   * Every second read and write is told to try again, or was interrupted: EAGAIN, EINTR in turns.
   */
  public static Faults interruptions() {
    FaultyCalls.install(new FaultyCalls.Plan(true, Long.MAX_VALUE, false));
    return new Faults();
  }

  /** No read or write moves more than so many bytes. */
  public static Faults shortTransfers(int bytes) {
    FaultyCalls.install(new FaultyCalls.Plan(false, bytes, false));
    return new Faults();
  }

  /** No pipe can be made: EMFILE, too many open files. */
  public static Faults noDescriptors() {
    FaultyCalls.install(new FaultyCalls.Plan(false, Long.MAX_VALUE, true));
    return new Faults();
  }

  /** Ends the faults. */
  @Override
  public void close() {
    FaultyCalls.remove();
  }
}
