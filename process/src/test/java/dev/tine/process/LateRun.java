package dev.tine.process;

import java.time.Duration;

/** A JVM that has run a program, and runs another while it shuts down. */
final class LateRun {
  private LateRun() {}

  /** Says in which state the loop waits meanwhile, then what the program says. */
  public static void main(String[] arguments) throws Exception {
    Subprocess.run("true");
    Thread loop =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("tine-process-loop"))
            .findFirst()
            .orElseThrow();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> runLate(loop)));
  }

  private static void runLate(Thread loop) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (loop.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
      Thread.onSpinWait(); // nothing tells of it
    }
    try {
      System.out.println(loop.getState() + " " + Subprocess.run("echo", "late").text().strip());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
