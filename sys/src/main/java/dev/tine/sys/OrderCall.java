package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** Orders to a mold. */
public final class OrderCall {
  /** How many descriptors an order can have. */
  public static final int PASSED_MAX = Layouts.ORDER_FILES_MAX;

  private static final MethodHandle PAIR =
      Libtine.function("tine_order_pair", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle WORKER =
      Libtine.function(
          "tine_order_worker", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  private static final MethodHandle SEND =
      Libtine.function(
          "tine_order_send", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle ANSWER =
      Libtine.function(
          "tine_order_answer", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle REPAIRED =
      Libtine.function(
          "tine_order_repaired", FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, ADDRESS));

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
  public record Answer(int pid, Stage stage, int errno, String what) {
    /** To an order that never reached a mold. */
    public static Answer failed(int errno) {
      return new Answer(0, Stage.ORDER, errno, "");
    }

    /** Whether there is a worker, and it is whole. */
    public boolean isWhole() {
      return stage == Stage.NONE;
    }
  }

  /**
   * A descriptor that a worker shall have in the place of a file of the mold's.
   *
   * @param descriptor the caller's, and stays so
   * @param device of the file that it takes the place of, as stat(2) had it when the mold was made
   */
  public record Passed(int descriptor, long device, long inode) {}

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
      MemorySegment order = order(arena, id, deathSignal, title);
      MemorySegment answer = arena.allocate(Layouts.ANSWER);
      int error = (int) WORKER.invokeExact(monitorFd, order, answer);
      return error < 0 ? Answer.failed(-error) : read(answer);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code tine_order_send(fd, &order, fds)}: does not wait for the answer. Throws {@link
   * SystemCallException}.
   *
   * @param passed at most {@link #PASSED_MAX}
   */
  public static void send(
      int monitorFd, int id, int deathSignal, String title, List<Passed> passed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment order = order(arena, id, deathSignal, title);
      int count = passed.size();
      order.set(JAVA_INT, Layouts.offset(Layouts.ORDER, "file_count"), count);
      MemorySegment fds = arena.allocate(JAVA_INT, Math.max(1, count));
      long files = Layouts.offset(Layouts.ORDER, "files");
      for (int i = 0; i < count; i++) {
        Passed one = passed.get(i);
        MemorySegment file = order.asSlice(files + i * Layouts.FILE.byteSize(), Layouts.FILE);
        file.set(JAVA_LONG, Layouts.offset(Layouts.FILE, "device"), one.device());
        file.set(JAVA_LONG, Layouts.offset(Layouts.FILE, "inode"), one.inode());
        fds.setAtIndex(JAVA_INT, i, one.descriptor());
      }
      SystemCallException.check("sendmsg", (int) SEND.invokeExact(monitorFd, order, fds));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * An answer, which is not the last word if there are repairs.
   *
   * @param repairsFd -1; or readable when the worker has said whether it is whole, for {@link
   *     #repaired}
   */
  public record FirstAnswer(Answer answer, int repairsFd) {}

  /**
   * {@code tine_order_answer(fd, &answer, &repairs)}: waits for it. Throws {@link
   * SystemCallException}; {@link Errno#EPIPE}: the mold has ended.
   */
  public static FirstAnswer answer(int monitorFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(Layouts.ANSWER);
      MemorySegment repairs = arena.allocate(JAVA_INT);
      SystemCallException.check("recvmsg", (int) ANSWER.invokeExact(monitorFd, answer, repairs));
      return new FirstAnswer(read(answer), repairs.get(JAVA_INT, 0));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code tine_order_repaired(fd, repairs, &answer)}: the last word, for which it waits. */
  public static Answer repaired(int monitorFd, FirstAnswer first) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(Layouts.ANSWER);
      answer.set(JAVA_INT, Layouts.offset(Layouts.ANSWER, "pid"), first.answer().pid());
      REPAIRED.invokeExact(monitorFd, first.repairsFd(), answer);
      return read(answer);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  private static MemorySegment order(Arena arena, int id, int deathSignal, String title) {
    MemorySegment order = arena.allocate(Layouts.ORDER);
    order.set(JAVA_INT, Layouts.offset(Layouts.ORDER, "id"), id);
    order.set(JAVA_INT, Layouts.offset(Layouts.ORDER, "death_signal"), deathSignal);
    ForkCall.setTitle(order, Layouts.offset(Layouts.ORDER, "title"), title);
    return order;
  }

  private static Answer read(MemorySegment answer) {
    return new Answer(
        answer.get(JAVA_INT, Layouts.offset(Layouts.ANSWER, "pid")),
        Stage.of(answer.get(JAVA_INT, Layouts.offset(Layouts.ANSWER, "stage"))),
        answer.get(JAVA_INT, Layouts.offset(Layouts.ANSWER, "error")),
        answer.getString(Layouts.offset(Layouts.ANSWER, "what")));
  }
}
