package dev.tine.frameworktests;

import dev.tine.fork.ForkListener;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Registration;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/** The examples of docs/FRAMEWORKS.md, compiled. */
final class Examples {
  private Examples() {}

  interface Metrics {
    void restart(String name);
  }

  interface LeaseClient {
    void pause();

    void resume();
  }

  static Registration restartInChildren(Metrics metrics) {
    return
    // @start region="listener"
    JvmFork.onFork(
        new ForkListener() {
          @Override
          public void inChild() {
            metrics.restart("worker-" + ProcessHandle.current().pid());
          }
        });
    // @end
  }

  // @start region="resource"
  static final class Leases implements Resource {
    private final LeaseClient client;

    Leases(LeaseClient client) {
      this.client = client;
      Core.getGlobalContext().register(this); // held weakly: keep a reference
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      client.pause();
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
      client.resume(); // in the parent and in each child
    }
  }
  // @end
}
