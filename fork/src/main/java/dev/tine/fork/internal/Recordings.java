package dev.tine.fork.internal;

import dev.tine.sys.Opens;
import dev.tine.sys.Pidfd;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;

/**
 * Flight Recorder. While it records, a process cannot be forked: HotSpot's buffers and its file of
 * the moment would belong to two. What is recorded before or after is each process's own.
 */
final class Recordings implements Repair {
  /** The module may be missing from a JDK that was made with jlink. */
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private int owner;

  /** Why a fork is refused now. */
  static Optional<String> reason() {
    return isInUse() ? Running.reason() : Optional.empty();
  }

  @Override
  public void prepare() {
    owner = Pidfd.self();
    var _ = isInUse(); // loads the class that is asked
  }

  @Override
  public void beforeFork() {
    if (isInUse()) {
      Known.ensure(Internals.class, "the directory of Flight Recorder");
    }
  }

  /**
   * The directory of the recordings is deleted when its process exits. A child has none until it
   * records something itself.
   */
  @Override
  public void inChild(long[] seeds) {
    if (!isInUse()) {
      return;
    }
    int self = Pidfd.self();
    if (self != owner) {
      owner = self;
      Internals.leaveDirectory(self);
    }
  }

  private static boolean isInUse() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /** Apart, so that nothing of it is loaded for programs that do not record. */
  private static final class Running {
    private Running() {}

    static Optional<String> reason() {
      String names =
          FlightRecorder.getFlightRecorder().getRecordings().stream()
              .filter(recording ->
                  recording.getState() == RecordingState.RUNNING
                      || recording.getState() == RecordingState.DELAYED)
              .map(Recording::getName)
              .collect(Collectors.joining(", "));
      return names.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "Flight Recorder is recording (%s), and its file cannot belong to two processes; stop it before (jcmd %d JFR.stop name=NAME), and start a recording in each process afterwards (jcmd PID JFR.start)"
                  .formatted(names, Pidfd.self()));
    }
  }

  /** What is {@code private} in the JDK. */
  private static final class Internals {
    private static final Object REPOSITORY;
    private static final VarHandle DIRECTORY;
    private static final Set<?> TO_DELETE;

    static {
      try {
        Opens.addOpens(
            FlightRecorder.class.getModule(), "jdk.jfr.internal", Recordings.class.getModule());
        Class<?> type = Class.forName("jdk.jfr.internal.Repository");
        var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        REPOSITORY = lookup.findStaticVarHandle(type, "instance", type).get();
        DIRECTORY = lookup.findVarHandle(type, "repository", Path.class);
        TO_DELETE =
            (Set<?>) lookup.findVarHandle(type, "cleanupDirectories", Set.class).get(REPOSITORY);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Internals() {}

    /** The recorder makes a new directory whenever it finds that its own is not there. */
    static void leaveDirectory(int self) {
      TO_DELETE.clear();
      var directory = (Path) DIRECTORY.get(REPOSITORY);
      if (directory != null) {
        DIRECTORY.set(REPOSITORY, directory.resolve("not-of-" + self));
      }
    }
  }
}
