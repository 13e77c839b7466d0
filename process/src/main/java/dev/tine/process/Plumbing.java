package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.NativeText;
import dev.tine.sys.SpawnCall;
import dev.tine.sys.SystemCallException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The descriptors that a subprocess begins with, and this process's ends of its pipes. {@link
 * #close()} closes what nobody has taken.
 */
final class Plumbing implements AutoCloseable {
  private static final int STDOUT = 1;
  private static final byte[] NOTHING = NativeText.bytes("/dev/null");
  private static final int MODE = 0666;

  private final String program;
  private final Map<Integer, Integer> sources = new HashMap<>();
  private final Map<Integer, Integer> ownEnds = new HashMap<>();
  private final List<Integer> opened = new ArrayList<>();

  Plumbing(String program) {
    this.program = program;
  }

  /** Refuses what cannot be read from, or written to. */
  static void checkDirection(Stdio stdio, boolean reads, String name) {
    boolean fits =
        switch (stdio) {
          case Stdio.Fixed fixed -> fixed != Stdio.STDOUT || !reads;
          case Stdio.File file -> reads == (file.mode() == Stdio.File.Mode.READ);
          case Stdio.Descriptor any -> true;
          case Stdio.Bytes bytes -> reads;
          case Stdio.Copy copy -> reads;
        };
    if (!fits) {
      throw new IllegalArgumentException(name + " cannot be " + stdio);
    }
  }

  /** Opens what the program has under a number. */
  void open(int target, Stdio stdio) {
    switch (stdio) {
      case Stdio.Fixed.INHERIT -> sources.put(target, target);
      case Stdio.Fixed.STDOUT -> sources.put(target, sources.getOrDefault(STDOUT, STDOUT));
      case Stdio.Fixed.DISCARD ->
          sources.put(target, opened(NOTHING, FileCall.O_RDWR, "/dev/null"));
      case Stdio.Fixed.STREAM -> pipe(target, target == 0);
      case Stdio.Bytes bytes -> pipe(target, true);
      case Stdio.Copy copy -> pipe(target, true);
      case Stdio.Descriptor descriptor -> sources.put(target, descriptor.fd());
      case Stdio.File file ->
          sources.put(
              target,
              opened(
                  NativeText.bytes(file.path().toString()),
                  switch (file.mode()) {
                    case READ -> FileCall.O_RDONLY;
                    case WRITE -> FileCall.O_WRONLY | FileCall.O_CREAT | FileCall.O_TRUNC;
                    case APPEND -> FileCall.O_WRONLY | FileCall.O_CREAT | FileCall.O_APPEND;
                  },
                  file.path().toString()));
    }
  }

  void place(SpawnCall call) {
    sources.forEach((target, source) -> call.place(source, target));
  }

  /** This process's end of the pipe at a number, now the caller's. */
  int takeOwnEnd(int target) {
    Integer end = ownEnds.remove(target);
    if (end == null) {
      throw new AssertionError("no pipe at " + target);
    }
    return end;
  }

  @Override
  public void close() {
    opened.forEach(FileCall::close);
    ownEnds.values().forEach(FileCall::close);
  }

  private void pipe(int target, boolean programReads) {
    FileCall.Pipe pipe;
    try {
      pipe = FileCall.pipe();
    } catch (SystemCallException e) {
      throw new SpawnException(
          program, SpawnException.Phase.STREAMS, e.errno(), "", "pipe" + reason(e.errno()));
    }
    int own = programReads ? pipe.writeFd() : pipe.readFd();
    int other = programReads ? pipe.readFd() : pipe.writeFd();
    // The end of this process alone: programs do not expect to be told to try again.
    var _ = FileCall.setBlocking(own, false);
    ownEnds.put(target, own);
    opened.add(other);
    sources.put(target, other);
  }

  private int opened(byte[] path, int flags, String name) {
    int fd = FileCall.open(path, flags, MODE);
    if (fd < 0) {
      throw new SpawnException(
          program, SpawnException.Phase.STREAMS, -fd, name, name + reason(-fd));
    }
    opened.add(fd);
    return fd;
  }

  private static String reason(int errno) {
    return ": " + Errno.text(errno) + Cures.of(errno);
  }
}
