package dev.tine.process;

/** What stdin, stdout and stderr are. */
record Streams(Stdio stdin, Stdio stdout, Stdio stderr) {
  static Streams of(Command command, Stdio stdin, Stdio others) {
    return new Streams(
        command.stdin.orElse(stdin), command.stdout.orElse(others), command.stderr.orElse(others));
  }

  static boolean isPipe(Stdio stdin) {
    return stdin.equals(Stdio.STREAM)
        || stdin instanceof Stdio.Bytes
        || stdin instanceof Stdio.Copy;
  }
}
