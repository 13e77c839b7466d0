package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the native call that forks this process is asked, and what came of it. */
public final class ForkCall {
  private static final MethodHandle LAST =
      Libtine.function("tine_fork_last", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle FREE_SIGNAL =
      Libtine.function("tine_free_signal", FunctionDescriptor.of(JAVA_INT));

  private ForkCall() {}

  /**
   * What to do.
   *
   * @param signal the park signal, see {@link #freeSignal}
   * @param deathSignal sent to the child when this process ends; 0: none
   * @param parkLimitNanos give up if a thread is not parked by then
   * @param title what {@code ps} shows of the child; "": unchanged
   * @param freeze the sockets of a mold; null: an ordinary fork
   * @param exemptions what is not treated as usual
   */
  public record Request(
      int signal,
      int deathSignal,
      long parkLimitNanos,
      String title,
      OrderCall.@Nullable Pair freeze,
      Exemptions exemptions) {}

  /**
   * What a fork does not treat as usual.
   *
   * @param relaxed what is not refused
   * @param kept descriptors that stay shared, by ascending number
   * @param mapped files whose shared mappings are not refused
   */
  public record Exemptions(Set<RefusalReason> relaxed, List<OpenFile> kept, List<OpenFile> mapped) {
    /** None. */
    public static final Exemptions NONE = new Exemptions(Set.of(), List.of(), List.of());
  }

  /**
   * A file, {@code struct tine_file}.
   *
   * @param fd its number; -1 for the file of a mapping
   * @param device as stat(2) has it
   */
  public record OpenFile(int fd, long device, long inode) {}

  /**
   * What came of the last fork, in this process.
   *
   * @param pid of the child; 0 in the child
   * @param stage of a failure
   * @param errno of a failure; 0: no error of the kernel's
   * @param tid the thread that could not be parked; 0: none
   * @param obstacle what kept it
   * @param threadName its name
   * @param exitSignal what killed a child before it was whole; 0: no signal
   * @param exitCode what it ended itself with before it was whole
   * @param orderId in a worker, the id of its order
   * @param threads how many were parked, the leader included
   * @param descriptors how many were open
   * @param refusal why it was refused
   * @param what the child could not repair; "": it did not say
   */
  public record Result(
      int pid,
      Stage stage,
      int errno,
      int tid,
      Obstacle obstacle,
      String threadName,
      int exitSignal,
      int exitCode,
      int orderId,
      int threads,
      int descriptors,
      RefusalReason refusal,
      String what,
      Timing timing) {}

  /**
   * What the steps took; those of the child are known there only.
   *
   * @param beginNanos {@code CLOCK_MONOTONIC} at the call
   */
  public record Timing(
      long beginNanos,
      long parkNanos,
      long surveyNanos,
      long cloneNanos,
      long descriptorsNanos,
      long threadsNanos,
      long resumeNanos) {}

  /** The struct for {@code tine_fork()}, in memory of the arena. */
  public static MemorySegment request(Request request, Arena arena) {
    MemorySegment in = arena.allocate(Layouts.REQUEST);
    OrderCall.Pair freeze = request.freeze();
    setInt(in, "freeze", freeze != null ? 1 : 0);
    setInt(in, "signal", request.signal());
    setInt(in, "death_signal", request.deathSignal());
    setInt(in, "order_fd", freeze != null ? freeze.moldFd() : -1);
    setInt(in, "monitor_fd", freeze != null ? freeze.monitorFd() : -1);
    setInt(in, "repairs", 1);
    in.set(JAVA_LONG, Layouts.offset(Layouts.REQUEST, "park_limit_ns"), request.parkLimitNanos());
    setTitle(in, Layouts.offset(Layouts.REQUEST, "title"), request.title());
    Exemptions exemptions = request.exemptions();
    setInt(in, "relaxed", RefusalReason.bits(exemptions.relaxed()));
    setFiles(in, "kept", exemptions.kept(), arena);
    setFiles(in, "mapped", exemptions.mapped(), arena);
    return in;
  }

  private static void setFiles(MemorySegment in, String field, List<OpenFile> files, Arena arena) {
    MemorySegment array = arena.allocate(Layouts.FILE, Math.max(1, files.size()));
    for (int i = 0; i < files.size(); i++) {
      MemorySegment file = array.asSlice(i * Layouts.FILE.byteSize(), Layouts.FILE);
      file.set(JAVA_INT, Layouts.offset(Layouts.FILE, "fd"), files.get(i).fd());
      file.set(JAVA_LONG, Layouts.offset(Layouts.FILE, "device"), files.get(i).device());
      file.set(JAVA_LONG, Layouts.offset(Layouts.FILE, "inode"), files.get(i).inode());
    }
    in.set(ADDRESS, Layouts.offset(Layouts.REQUEST, field), array);
    setInt(in, field + "_count", files.size());
  }

  /** {@code tine_fork_last(&result)}: what came of the last fork that this process took part in. */
  public static Result last() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(Layouts.RESULT);
      LAST.invokeExact(out);
      return new Result(
          integer(out, "pid"),
          Stage.of(integer(out, "stage")),
          integer(out, "error"),
          integer(out, "tid"),
          Obstacle.of(integer(out, "obstacle")),
          out.getString(Layouts.offset(Layouts.RESULT, "thread_name")),
          integer(out, "exit_signal"),
          integer(out, "exit_code"),
          integer(out, "order_id"),
          integer(out, "threads"),
          integer(out, "descriptors"),
          RefusalReason.of(integer(out, "refusal")),
          out.getString(Layouts.offset(Layouts.RESULT, "what")),
          new Timing(
              nanos(out, "begin_ns"),
              nanos(out, "park_ns"),
              nanos(out, "survey_ns"),
              nanos(out, "clone_ns"),
              nanos(out, "descriptors_ns"),
              nanos(out, "threads_ns"),
              nanos(out, "resume_ns")));
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code tine_free_signal()}: lowest real-time signal above SIGRTMIN without a handler, or {@code
   * -EBUSY}.
   */
  public static int freeSignal() {
    try {
      return (int) FREE_SIGNAL.invokeExact();
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * Writes a NUL-terminated title, cut to what fits; a cut character becomes '?' where ps shows it.
   */
  static void setTitle(MemorySegment struct, long at, String title) {
    byte[] bytes = title.getBytes(UTF_8);
    MemorySegment.copy(
        bytes, 0, struct, JAVA_BYTE, at, Math.min(bytes.length, Layouts.TITLE_MAX - 1));
  }

  private static void setInt(MemorySegment in, String field, int value) {
    in.set(JAVA_INT, Layouts.offset(Layouts.REQUEST, field), value);
  }

  private static int integer(MemorySegment out, String field) {
    return out.get(JAVA_INT, Layouts.offset(Layouts.RESULT, field));
  }

  private static long nanos(MemorySegment out, String field) {
    return out.get(JAVA_LONG, Layouts.offset(Layouts.RESULT, field));
  }
}
