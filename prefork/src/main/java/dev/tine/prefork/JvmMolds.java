package dev.tine.prefork;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import java.util.concurrent.CompletableFuture;

/** Molds of this JVM. */
final class JvmMolds implements Molds {
  @Override
  public Molds.Side freeze(String title) {
    return switch (Mold.freeze(title)) {
      case Frozen.Monitor(Mold mold) -> new Molds.Side.InMonitor(new JvmMold(mold));
      case Frozen.Worker(int id) -> new Molds.Side.InWorker(id);
    };
  }

  private record JvmMold(Mold mold) implements Molds.Handle {
    @Override
    public Child process() {
      return new JvmChild(mold.process());
    }

    @Override
    public Child forkWorker(int id, String title) {
      return new JvmChild(mold.forkWorker(id, title));
    }

    @Override
    public void close() {
      mold.close();
    }
  }

  private record JvmChild(ForkedProcess process) implements Child {
    @Override
    public long pid() {
      return process.pid();
    }

    @Override
    public CompletableFuture<ExitStatus> onExit() {
      return process.onExit();
    }

    @Override
    public void signal(Signal signal) {
      process.signal(signal);
    }
  }
}
