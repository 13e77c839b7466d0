package dev.tine.prefork;

import dev.tine.fork.ForkedProcess;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;

/** Molds of this JVM. */
final class JvmMolds implements Molds {
  @Override
  public Side freeze(String title) {
    return switch (Mold.freeze(title)) {
      case Frozen.Monitor(Mold mold) -> new Side.InMonitor(new JvmMold(mold));
      case Frozen.Worker(int id) -> new Side.InWorker(id);
    };
  }

  private record JvmMold(Mold mold) implements Handle {
    @Override
    public ForkedProcess process() {
      return mold.process();
    }

    @Override
    public ForkedProcess forkWorker(int id, String title) {
      return mold.forkWorker(id, title);
    }

    @Override
    public void close() {
      mold.close();
    }
  }
}
