package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.SystemCallException;
import dev.tine.sys.TerminalCall;

/**
 * A subprocess that has a terminal, and this process in the place of the terminal's user.
 *
 * <p>The program leads a session of its own with this terminal; Ctrl-C, written as {@code
 * "\u0003"}, reaches what it has in the foreground. What it writes has {@code \r\n} at the end of
 * lines, unless the mode is {@link Mode#RAW}.
 */
public final class Terminal implements AutoCloseable {
  private final Subprocess subprocess;
  private final ReadStream output;
  private final WriteStream input;
  private final int controlFd;
  private boolean closed;

  /** What a terminal does with what is typed. */
  public enum Mode {
    /** Lines that can be edited, echoed as they are typed; Ctrl-C is a signal. */
    COOKED(TerminalCall.COOKED),
    /** As {@link #COOKED}, without echo. */
    QUIET(TerminalCall.QUIET),
    /** Nothing: bytes as they come. */
    RAW(TerminalCall.RAW);

    private final int value;

    Mode(int value) {
      this.value = value;
    }
  }

  private Terminal(Subprocess subprocess, ReadStream output, WriteStream input, int controlFd) {
    this.subprocess = subprocess;
    this.output = output;
    this.input = input;
    this.controlFd = controlFd;
  }

  static Terminal start(Command command, int rows, int columns) {
    EventLoop loop = Subprocess.reserve(command);
    try {
      return start(command, loop, open(command, rows, columns));
    } finally {
      loop.release();
    }
  }

  private static Terminal start(Command command, EventLoop loop, TerminalCall.Terminal ends) {
    // Each stream owns a number of its own for the same end.
    int writeFd = FileCall.duplicate(ends.userFd());
    int controlFd = FileCall.duplicate(ends.userFd());
    try {
      if (writeFd < 0 || controlFd < 0) {
        throw failure(command, -Math.min(writeFd, controlFd));
      }
      int _ = FileCall.setBlocking(ends.userFd(), false);
      Subprocess subprocess = Subprocess.start(command.onTerminal(ends.programFd()), loop);
      String name = "terminal of " + command.program() + " (pid " + subprocess.pid() + ")";
      int limit = command.maxBufferBytes;
      return new Terminal(
          subprocess,
          new ReadStream(loop, name, ends.userFd(), limit),
          new WriteStream(loop, name, writeFd, limit),
          controlFd);
    } catch (RuntimeException e) {
      FileCall.close(ends.userFd());
      FileCall.close(writeFd);
      FileCall.close(controlFd);
      throw e;
    } finally {
      FileCall.close(ends.programFd()); // or there would be no end when the program closes it
    }
  }

  /** The program. */
  public Subprocess subprocess() {
    return subprocess;
  }

  /** What is seen on the terminal; it ends when no program has the terminal open. */
  public ReadStream output() {
    return output;
  }

  /** What is typed. */
  public WriteStream input() {
    return input;
  }

  /** Sets the size in characters; programs in the foreground get SIGWINCH. */
  public synchronized void resize(int rows, int columns) {
    check("resize", TerminalCall.resize(openFd(), rows, columns));
  }

  /** Sets the mode. */
  public synchronized void mode(Mode mode) {
    check("set the mode of", TerminalCall.mode(openFd(), mode.value));
  }

  /** A conversation with the program. */
  public Expect expect() {
    return new Expect(output, input);
  }

  /** Closes the terminal, stops the program and waits for its end: {@link Subprocess#close()}. */
  @Override
  public void close() {
    synchronized (this) {
      if (!closed) {
        closed = true;
        FileCall.close(controlFd);
      }
    }
    output.close();
    input.close();
    subprocess.close();
  }

  private int openFd() {
    if (closed) {
      throw new StreamClosedException(output.toString(), null);
    }
    return controlFd;
  }

  private void check(String what, int result) {
    if (result < 0) {
      throw new IllegalStateException("cannot " + what + " " + output + ": " + Errno.text(-result));
    }
  }

  private static TerminalCall.Terminal open(Command command, int rows, int columns) {
    try {
      return TerminalCall.open(rows, columns);
    } catch (SystemCallException e) {
      throw failure(command, e.errno());
    }
  }

  private static SpawnException failure(Command command, int errno) {
    return new SpawnException(
        command.program(),
        SpawnException.Phase.STREAMS,
        errno,
        "/dev/ptmx",
        "open a pseudo-terminal: " + Errno.text(errno) + Cures.of(errno));
  }
}
