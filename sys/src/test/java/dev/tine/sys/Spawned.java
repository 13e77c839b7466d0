package dev.tine.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a program said and how it ended.
 *
 * @param output of stdout and stderr
 */
record Spawned(SpawnOutcome.Started started, String output, Pidfd.Exit exit) {
  private static final int LIMIT_MILLIS = 60_000;

  /** A call with stdin from /dev/null; {@link #run} adds stdout and stderr. */
  static SpawnCall call(String program, String... arguments) {
    List<byte[]> all = new ArrayList<>();
    all.add(bytes(program));
    for (String argument : arguments) {
      all.add(bytes(argument));
    }
    return new SpawnCall(bytes(program), all);
  }

  static SpawnCall shell(String script, String... arguments) {
    List<byte[]> all =
        new ArrayList<>(List.of(bytes("sh"), bytes("-c"), bytes(script), bytes("sh")));
    for (String argument : arguments) {
      all.add(bytes(argument));
    }
    return new SpawnCall(bytes("/bin/sh"), all);
  }

  /** Starts it, and waits for its end and that of its output. */
  static Spawned run(SpawnCall call) {
    FileCall.Pipe pipe = FileCall.pipe();
    int nothing = FileCall.open(bytes("/dev/null"), FileCall.O_RDONLY, 0);
    SpawnOutcome outcome;
    try {
      outcome = call.place(nothing, 0).place(pipe.writeFd(), 1).place(pipe.writeFd(), 2).start();
    } finally {
      FileCall.close(nothing);
      FileCall.close(pipe.writeFd());
    }
    try {
      assertThat(outcome).isInstanceOf(SpawnOutcome.Started.class);
      var started = (SpawnOutcome.Started) outcome;
      String output = read(pipe.readFd());
      Pidfd.Exit exit = waitFor(started.pidfd());
      FileCall.close(started.pidfd());
      return new Spawned(started, output, exit);
    } finally {
      FileCall.close(pipe.readFd());
    }
  }

  /** Starts what cannot be started. */
  static SpawnOutcome.Failed fail(SpawnCall call) {
    int nothing = FileCall.open(bytes("/dev/null"), FileCall.O_RDWR, 0);
    try {
      SpawnOutcome outcome = call.place(nothing, 0).place(nothing, 1).place(nothing, 2).start();
      assertThat(outcome).isInstanceOf(SpawnOutcome.Failed.class);
      return (SpawnOutcome.Failed) outcome;
    } finally {
      FileCall.close(nothing);
    }
  }

  static Pidfd.Exit waitFor(int pidfd) {
    assertThat(Waiter.readable(new int[] {pidfd}, LIMIT_MILLIS)).containsExactly(true);
    return Pidfd.reap(pidfd).orElseThrow();
  }

  static String read(int fd) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(65_536);
      for (long n; (n = FileCall.read(fd, bytes, bytes.byteSize())) > 0; ) {
        all.writeBytes(bytes.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return all.toString(UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Numbers of this process's open descriptors. */
  static List<String> descriptors() throws Exception {
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      // That of the listing itself is gone when its target is asked for.
      return list.filter(Files::exists).map(p -> p.getFileName().toString()).sorted().toList();
    }
  }
}
