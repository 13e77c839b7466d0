package dev.tine.fork;

/** The examples of the Javadoc. */
final class Snippets {
  private Snippets() {}

  // @start region="fork"
  static int squareOfInAChild(int n) throws InterruptedException {
    return switch (JvmFork.fork()) {
      case Fork.Child _ -> {
        Runtime.getRuntime().halt(n * n);
        yield 0;
      }
      case Fork.Parent(ForkedProcess child) ->
          switch (child.waitFor()) {
            case ExitStatus.Exited(int code) -> code;
            case ExitStatus.Signaled died -> throw new IllegalStateException("child " + died);
            case ExitStatus.Unknown gone -> throw new IllegalStateException("child " + gone);
          };
    };
  }

  // @end

  // @start region="options"
  /** Parent and child append to one audit log, and see one index. */
  static Fork forkWithTheLog() {
    return JvmFork.fork(
        ForkOptions.defaults()
            .keep(descriptor -> descriptor.target().equals("/var/log/shop/audit"))
            .allowMapping(path -> path.startsWith("/var/lib/shop/index")));
  }

  // @end

  // @start region="listener"
  static Registration reopenInChildren(JournalFile journal) {
    return JvmFork.onFork(
        new ForkListener() {
          @Override
          public void beforeFork() {
            journal.lock(); // no record is half written at the fork
          }

          @Override
          public void inParent() {
            journal.unlock();
          }

          @Override
          public void inChild() {
            journal.reopenWithPid(ProcessHandle.current().pid());
            journal.unlock();
          }
        });
  }

  // @end

  /** Something that each process must have of its own. */
  interface JournalFile {
    void lock();

    void unlock();

    void reopenWithPid(long pid);
  }
}
