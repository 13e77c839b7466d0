package dev.tine.repair;

import java.util.LinkedHashSet;

/**
 * Leaves the files that the parent has marked with {@link java.io.File#deleteOnExit} to the parent:
 * a child that exits would delete what its parent and its siblings use. What it marks itself, it
 * deletes.
 */
final class ExitFiles implements Repair {
  private int owner;

  @Override
  public void prepare() {
    Known.ensure(Internals.class, "the list of files to delete at exit");
    owner = Kernel.pid();
  }

  @Override
  public void inChild(long[] seeds) {
    int self = Kernel.pid();
    Object marked = Internals.FILES.get();
    // Another set, and not this one cleared: a thread that is just adding to it would go on with
    // its half of the work. In the rehearsal it stays.
    Object own = self == owner ? marked : new LinkedHashSet<String>();
    if (marked != null) { // null: none was ever marked, or the exit has begun
      Internals.FILES.replace(marked, own);
    }
    owner = self;
  }

  /** What is {@code private} in the JDK. */
  private static final class Internals {
    static final Memory.Static FILES;

    static {
      try {
        FILES = Memory.staticField("java.io.DeleteOnExitHook", "files");
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Internals() {}
  }
}
