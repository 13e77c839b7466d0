package dev.tine.process;

import java.util.concurrent.ExecutionException;

/** A JVM that runs a program whose output is larger than its heap. */
final class LargeOutput {
  private LargeOutput() {}

  /** Says what became of it. */
  public static void main(String[] arguments) throws Exception {
    try {
      Subprocess.run("head", "-c", "60000000", "/dev/zero");
    } catch (OutOfMemoryError e) {
      System.out.println("no room to keep it");
    }
    Subprocess p = Command.of("head", "-c", "60000000", "/dev/zero").stdout(Stdio.STREAM).start();
    try {
      p.stdout().readUntilClose().get();
    } catch (ExecutionException e) {
      System.out.println("no room to read it: " + e.getMessage());
    }
    p.waitFor();
    System.out.println(Subprocess.run("echo", "goes on").text().strip());
  }
}
