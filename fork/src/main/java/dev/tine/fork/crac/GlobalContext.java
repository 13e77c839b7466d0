package dev.tine.fork.crac;

import dev.tine.fork.ForkListener;
import dev.tine.fork.JvmFork;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The resources of {@code org.crac}, as one listener of forks.
 *
 * <p>The last one that was registered is notified of the checkpoint first, and of the restore last.
 * Whoever was notified of a checkpoint is notified of the restore, whatever anyone threw: that is
 * the contract of CRaC.
 */
final class GlobalContext implements Context, ForkListener {
  static final Context OF_PROCESS = registered();

  private final Skipped skipped;

  private final List<WeakReference<Resource>> resources = new ArrayList<>(); // guarded by this

  /**
   * In order of registration; filled from before the fork until after it, by the thread that forks.
   */
  private List<Resource> notified = List.of();

  GlobalContext(Skipped skipped) {
    this.skipped = skipped;
  }

  private static Context registered() {
    var context = new GlobalContext(Skipped.ofProcess());
    // Never ended: resources may be registered as long as the process lives.
    var _ = JvmFork.onFork(context);
    return context;
  }

  @Override
  public synchronized void register(Resource resource) {
    Objects.requireNonNull(resource, "resource");
    resources.removeIf(reference -> reference.refersTo(null));
    resources.add(new WeakReference<>(resource));
  }

  @Override
  public void beforeFork() {
    notified = alive();
    var failure = new CheckpointException("resources of org.crac failed in beforeCheckpoint");
    for (Resource resource : notified.reversed()) {
      try {
        resource.beforeCheckpoint(this);
      } catch (Throwable e) {
        failure.addSuppressed(e);
      }
    }
    if (failure.getSuppressed().length > 0) {
      restore(failure); // nobody else will: inParent is not for a listener that has failed
      throw failure;
    }
  }

  @Override
  public void inParent() {
    restored();
  }

  @Override
  public void inChild() {
    restored();
  }

  private void restored() {
    var failure = new RestoreException("resources of org.crac failed in afterRestore");
    restore(failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private void restore(Throwable failure) {
    List<Resource> those = notified;
    notified = List.of();
    for (Resource resource : those) {
      try {
        resource.afterRestore(this);
      } catch (Throwable e) {
        failure.addSuppressed(e);
      }
    }
  }

  private synchronized List<Resource> alive() {
    return resources.stream()
        .map(WeakReference::get)
        .filter(Objects::nonNull)
        .filter(resource -> !skipped.covers(resource))
        .toList();
  }
}
