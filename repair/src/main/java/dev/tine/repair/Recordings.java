package dev.tine.repair;

import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import org.jspecify.annotations.Nullable;

/**
 * Flight Recorder. While it records, a process cannot be forked: HotSpot's buffers and its file of
 * the moment would belong to two. What is recorded before or after is each process's own.
 */
public final class Recordings implements Repair {
  /** The module may be missing from a JDK that was made with jlink. */
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private int owner;

  /** What a child has in the place of the directory; null: there is no directory. */
  private @Nullable Object nowhere;

  /** Why a fork is refused now. */
  public static Optional<String> reason() {
    return isInUse() ? Running.reason() : Optional.empty();
  }

  @Override
  public void prepare() {
    owner = Kernel.pid();
    isInUse(); // loads the class that is asked
  }

  @Override
  public void beforeFork() {
    if (isInUse()) {
      Known.ensure(Internals.class, "the directory of Flight Recorder");
      nowhere = Internals.nowhere();
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
    int self = Kernel.pid();
    if (self != owner) {
      owner = self;
      Internals.leaveDirectory(nowhere);
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
              String.format(
                  "Flight Recorder is recording (%s), and its file cannot belong to two processes;"
                      + " stop it before (jcmd %d JFR.stop name=NAME), and start a recording in"
                      + " each process afterwards (jcmd PID JFR.start)",
                  names, Kernel.pid()));
    }
  }

  /** What is {@code private} in the JDK. */
  private static final class Internals {
    private static final Object REPOSITORY;
    private static final VarHandle DIRECTORY;
    private static final long DIRECTORY_OFFSET;
    private static final Set<?> TO_DELETE;

    static {
      try {
        Opens.of(FlightRecorder.class.getModule(), "jdk.jfr.internal");
        Class<?> type = Class.forName("jdk.jfr.internal.Repository");
        Lookup lookup = Seeders.lookup(type);
        REPOSITORY = lookup.findStaticVarHandle(type, "instance", type).get();
        DIRECTORY = Seeders.variable(type, "repository");
        DIRECTORY_OFFSET = Memory.offset(type, "repository");
        TO_DELETE =
            (Set<?>) lookup.findVarHandle(type, "cleanupDirectories", Set.class).get(REPOSITORY);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Internals() {}

    /** A directory that is not there; made in the parent, where code may be linked. */
    static @Nullable Object nowhere() {
      Object directory = DIRECTORY.get(REPOSITORY);
      if (directory == null) {
        return null;
      }
      Path nowhere = Path.of(directory.toString()).resolve("not-of-a-child-of-" + Kernel.pid());
      if (directory instanceof Path) {
        return nowhere;
      }
      try { // older JDKs wrap it
        return Seeders.lookup(directory.getClass())
            .findConstructor(directory.getClass(), MethodType.methodType(void.class, Path.class))
            .invoke(nowhere);
      } catch (Throwable e) {
        throw RepairException.unsupported(
            "the directory of Flight Recorder is not known: it is a " + directory.getClass());
      }
    }

    /** The recorder makes a new directory whenever it finds that its own is not there. */
    static void leaveDirectory(@Nullable Object nowhere) {
      TO_DELETE.clear();
      if (nowhere != null) {
        Memory.putReference(REPOSITORY, DIRECTORY_OFFSET, nowhere);
      }
    }
  }
}
