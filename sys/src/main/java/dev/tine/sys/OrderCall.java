package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Orders to a mold. */
public final class OrderCall {

  private static final MethodHandle PAIR =
      Libtine.function("tine_order_pair", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle WORKER =
      Libtine.function(
          "tine_order_worker", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  private OrderCall() {}

  /** The two ends of the socket that orders go through; both are owned by whoever made the pair. */
  public record Pair(int moldFd, int monitorFd) {}

  /**
   * What became of an order.
   *
   * @param pid the worker, which is a child of this process also when it failed; 0: there is none
   * @param stage of a failure; {@link Stage#NONE}: the worker is whole
   * @param errno of a failure; 0: no error of the kernel's
   * @param what the worker could not repair; "": it did not say
   */
  public record Answer(int pid, Stage stage, int errno, String what) {}

  /** {@code tine_order_pair(fds)}; throws {@link SystemCallException}. */
  public static Pair pair() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(JAVA_INT, 2);
      SystemCallException.check("socketpair", (int) PAIR.invokeExact(fds));
      return new Pair(fds.getAtIndex(JAVA_INT, 0), fds.getAtIndex(JAVA_INT, 1));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code tine_order_worker(fd, &order, &answer)}; waits for the answer. One call at a time. */
  public static Answer worker(int monitorFd, int id, int deathSignal, String title) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment order = arena.allocate(Layouts.ORDER);
      order.set(JAVA_INT, Layouts.offset(Layouts.ORDER, "id"), id);
      order.set(JAVA_INT, Layouts.offset(Layouts.ORDER, "death_signal"), deathSignal);
      ForkCall.setTitle(order, Layouts.offset(Layouts.ORDER, "title"), title);
      MemorySegment answer = arena.allocate(Layouts.ANSWER);
      int error = (int) WORKER.invokeExact(monitorFd, order, answer);
      if (error < 0) {
        return new Answer(0, Stage.ORDER, -error, "");
      }
      return new Answer(
          answer.get(JAVA_INT, Layouts.offset(Layouts.ANSWER, "pid")),
          Stage.of(answer.get(JAVA_INT, Layouts.offset(Layouts.ANSWER, "stage"))),
          answer.get(JAVA_INT, Layouts.offset(Layouts.ANSWER, "error")),
          answer.getString(Layouts.offset(Layouts.ANSWER, "what")));
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
