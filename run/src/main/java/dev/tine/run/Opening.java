package dev.tine.run;

import dev.tine.sys.FileCall;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import java.util.ArrayList;
import java.util.List;

/**
 * Descriptors that are needed together: all of them, or none, as when the limit of open files is
 * reached. Methods that open throw {@link dev.tine.sys.SystemCallException}.
 */
final class Opening implements AutoCloseable {
  /** Twelve descriptors; a connection to the control socket takes one. */
  private static final int SPARE_PIPES = 6;

  private final List<Integer> open = new ArrayList<>();

  /** The two ends of a socket. */
  OrderCall.Pair pair() {
    OrderCall.Pair pair = OrderCall.pair();
    open.add(pair.moldFd());
    open.add(pair.monitorFd());
    return pair;
  }

  /** A source of the console; it closes its own end when the other one is closed. */
  Console.Opened source(Console console, String label, boolean isError) {
    Console.Opened source = console.open(label, isError);
    open.add(source.writeFd());
    return source;
  }

  /**
   * All are there, and are the caller's from now on; unless they are the last ones. Those are for
   * what comes with messages, the pidfd of the process, and whoever asks the monitor to do
   * something about it.
   */
  void keep() {
    List<FileCall.Pipe> spare = new ArrayList<>();
    try {
      for (int i = 0; i < SPARE_PIPES; i++) {
        spare.add(FileCall.pipe());
      }
    } finally {
      for (FileCall.Pipe pipe : spare) {
        Pidfd.close(pipe.readFd());
        Pidfd.close(pipe.writeFd());
      }
    }
    open.clear();
  }

  /** Closes them, unless they are kept. */
  @Override
  public void close() {
    open.forEach(Pidfd::close);
  }
}
