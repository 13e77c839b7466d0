package dev.tine.frameworktests.programs;

import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.springframework.context.SmartLifecycle;

/** A bean that counts what it is told by org.crac, and by Spring's processor of life cycles. */
class Watched implements Resource, SmartLifecycle {
  private int checkpoints;
  private int restores;
  private int starts;
  private int stops;

  Watched() {
    Core.getGlobalContext().register(this);
  }

  @Override
  public synchronized void beforeCheckpoint(Context<? extends Resource> context) {
    checkpoints++;
  }

  @Override
  public synchronized void afterRestore(Context<? extends Resource> context) {
    restores++;
  }

  @Override
  public synchronized void start() {
    starts++;
  }

  @Override
  public synchronized void stop() {
    stops++;
  }

  @Override
  public synchronized boolean isRunning() {
    return starts > stops;
  }

  @Override
  public synchronized String toString() {
    return "checkpoints %d restores %d starts %d stops %d"
        .formatted(checkpoints, restores, starts, stops);
  }
}
