package dev.tine.process;

import dev.tine.fork.ForkListener;
import dev.tine.fork.JvmFork;

/**
 * Hears of forks. A child closes its copies of the parent's pipes at once: a subprocess of the
 * parent would not see the end of its input as long as they are open.
 */
final class ForkHook implements ForkListener {
  private ForkHook() {}

  static void register() {
    var _ = JvmFork.onFork(new ForkHook());
  }

  @Override
  public void inChild() {
    EventLoop.disownAll();
  }
}
