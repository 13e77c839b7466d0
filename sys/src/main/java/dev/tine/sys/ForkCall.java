package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** The call that forks this process, all threads included. */
public final class ForkCall {
  static final int TITLE_MAX = 128;

  /** {@code struct tine_fork_request}. */
  static final StructLayout REQUEST =
      MemoryLayout.structLayout(
          JAVA_INT.withName("freeze"),
          JAVA_INT.withName("signal"),
          JAVA_INT.withName("death_signal"),
          JAVA_INT.withName("order_fd"),
          JAVA_INT.withName("monitor_fd"),
          JAVA_INT.withName("reserved"),
          JAVA_LONG.withName("park_limit_ns"),
          MemoryLayout.sequenceLayout(TITLE_MAX, JAVA_BYTE).withName("title"));

  /** {@code struct tine_fork_result}. */
  static final StructLayout RESULT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("child"),
          JAVA_INT.withName("pid"),
          JAVA_INT.withName("stage"),
          JAVA_INT.withName("error"),
          JAVA_INT.withName("tid"),
          JAVA_INT.withName("obstacle"),
          JAVA_INT.withName("exit_signal"),
          JAVA_INT.withName("order_id"),
          JAVA_INT.withName("threads"),
          JAVA_INT.withName("descriptors"),
          JAVA_LONG.withName("begin_ns"),
          JAVA_LONG.withName("park_ns"),
          JAVA_LONG.withName("survey_ns"),
          JAVA_LONG.withName("clone_ns"),
          JAVA_LONG.withName("descriptors_ns"),
          JAVA_LONG.withName("threads_ns"),
          MemoryLayout.sequenceLayout(16, JAVA_BYTE).withName("thread_name"));

  private static final MethodHandle FORK =
      Libtine.function("tine_fork", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
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
   */
  public record Request(
      int signal,
      int deathSignal,
      long parkLimitNanos,
      String title,
      OrderCall.@Nullable Pair freeze) {}

  /** What came of it, in this process. */
  public record Result(
      boolean child,
      int pid,
      Stage stage,
      int errno,
      int tid,
      Obstacle obstacle,
      int exitSignal,
      int orderId,
      int threads,
      int descriptors,
      String threadName,
      Timing timing) {}

  /**
   * What the steps took; the last two are known in the child only.
   *
   * @param beginNanos {@code CLOCK_MONOTONIC} at the call
   */
  public record Timing(
      long beginNanos,
      long parkNanos,
      long surveyNanos,
      long cloneNanos,
      long descriptorsNanos,
      long threadsNanos) {}

  /** {@code tine_fork(&request, &result)}; returns in the child as well. One call at a time. */
  public static Result fork(Request request) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(REQUEST);
      OrderCall.Pair freeze = request.freeze();
      setInt(in, "freeze", freeze != null ? 1 : 0);
      setInt(in, "signal", request.signal());
      setInt(in, "death_signal", request.deathSignal());
      setInt(in, "order_fd", freeze != null ? freeze.moldFd() : -1);
      setInt(in, "monitor_fd", freeze != null ? freeze.monitorFd() : -1);
      in.set(JAVA_LONG, offset(REQUEST, "park_limit_ns"), request.parkLimitNanos());
      setTitle(in, offset(REQUEST, "title"), request.title());
      MemorySegment out = arena.allocate(RESULT);
      int error = (int) FORK.invokeExact(in, out);
      return result(out, -error);
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

  static long offset(StructLayout layout, String field) {
    return layout.byteOffset(PathElement.groupElement(field));
  }

  /**
   * Writes a NUL-terminated title, cut to what fits; a cut character becomes '?' where ps shows it.
   */
  static void setTitle(MemorySegment struct, long at, String title) {
    byte[] bytes = title.getBytes(UTF_8);
    MemorySegment.copy(bytes, 0, struct, JAVA_BYTE, at, Math.min(bytes.length, TITLE_MAX - 1));
  }

  private static Result result(MemorySegment out, int errno) {
    return new Result(
        getInt(out, "child") != 0,
        getInt(out, "pid"),
        Stage.of(getInt(out, "stage")),
        errno,
        getInt(out, "tid"),
        Obstacle.of(getInt(out, "obstacle")),
        getInt(out, "exit_signal"),
        getInt(out, "order_id"),
        getInt(out, "threads"),
        getInt(out, "descriptors"),
        out.getString(offset(RESULT, "thread_name")),
        new Timing(
            getLong(out, "begin_ns"),
            getLong(out, "park_ns"),
            getLong(out, "survey_ns"),
            getLong(out, "clone_ns"),
            getLong(out, "descriptors_ns"),
            getLong(out, "threads_ns")));
  }

  private static void setInt(MemorySegment in, String field, int value) {
    in.set(JAVA_INT, offset(REQUEST, field), value);
  }

  private static int getInt(MemorySegment out, String field) {
    return out.get(JAVA_INT, offset(RESULT, field));
  }

  private static long getLong(MemorySegment out, String field) {
    return out.get(JAVA_LONG, offset(RESULT, field));
  }
}
