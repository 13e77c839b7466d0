package dev.tine.benchmarks.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** A peer whose own process replaces its workers. */
final class Supervised implements Service {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final long POLL_NANOS = 5_000_000;

  private final Family family;
  private final int port;
  private final int workers;
  private final List<String> reload;

  /**
   * Starts it.
   *
   * @param reload the command that replaces the workers, in which {@code PID} is the peer's; done
   *     when the command has ended and only new workers answer
   */
  Supervised(List<String> command, int port, int workers, List<String> reload) throws IOException {
    this.port = port;
    this.workers = workers;
    this.reload = List.copyOf(reload);
    family = Family.start(command);
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public boolean isAlive() {
    return family.isAlive();
  }

  @Override
  public String tail() {
    return family.tail();
  }

  @Override
  public double pssMegabytes() throws IOException {
    return family.pssMegabytes();
  }

  @Override
  public void kill(long worker) {
    ProcessHandle.of(worker).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Override
  public void reload() throws IOException, InterruptedException {
    Set<Long> before = Probe.all(this, workers).pids();
    List<String> command =
        reload.stream().map(word -> word.replace("PID", Long.toString(family.pid()))).toList();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed\n" + tail());
    }
    // A signal returns at once: the peer is done when the last of its old workers is gone.
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (long pid : before) {
      while (ProcessHandle.of(pid).isPresent()) {
        if (System.nanoTime() > deadline) {
          throw new IOException("an old worker is still there: " + pid + "\n" + tail());
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
    Probe.all(this, workers);
  }

  @Override
  public void close() {
    family.close();
  }
}
