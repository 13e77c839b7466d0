package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ForkedProcess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Descriptors of timers: each process has its own, that run out when they would have. */
final class Timers {
  private Timers() {}

  private static final int CLOCK_REALTIME = 0;

  static final int CLOCK_MONOTONIC = 1;

  private static final int ABSTIME = 1;

  private static final int CANCEL_ON_SET = 2;

  static int timer(int clock, int flags, long firstNanos, long intervalNanos) {
    int timer = Fd.check("timerfd_create", clock, Fd.NONBLOCK | Fd.CLOEXEC);
    set(timer, flags, firstNanos, intervalNanos);
    return timer;
  }

  private static void set(int timer, int flags, long firstNanos, long intervalNanos) {
    MemorySegment spec = Libc.memory(32);
    long second = 1000 * Descriptors.MILLI;
    long[] values = {
      intervalNanos / second, intervalNanos % second, firstNanos / second, firstNanos % second
    };
    MemorySegment.copy(values, 0, spec, ValueLayout.JAVA_LONG, 0, 4);
    Fd.check("timerfd_settime", timer, flags, spec, MemorySegment.NULL);
  }

  static void timers() throws Exception {
    int once = timer(CLOCK_MONOTONIC, 0, 400 * Descriptors.MILLI, 0);
    int periodic = timer(CLOCK_REALTIME, 0, 50 * Descriptors.MILLI, 50 * Descriptors.MILLI);
    int idle = Fd.check("timerfd_create", CLOCK_MONOTONIC, 0);
    int hour = timer(CLOCK_MONOTONIC, 0, 3_600_000 * Descriptors.MILLI, 0);
    int set = Fd.epoll();
    Fd.add(set, once, Fd.EPOLLIN, 1);
    Fd.add(set, idle, Fd.EPOLLIN, 3);
    Fd.add(set, hour, Fd.EPOLLIN, 4);
    ForkedProcess child =
        Program.fork(() -> {
          checkEqual(Fd.wait(set, 20_000), List.of(1L), "expired in the child");
          checkEqual(Fd.readLong(once), 1L, "expiries in the child");
          checkEqual(Fd.readLong(once), (long) -Fd.EAGAIN, "read again");
          long ticks = Fd.readLong(periodic);
          check(ticks >= 2, "periodic: %d", ticks);
          set(periodic, 0, 0, 0); // the child's ends, the parent's goes on
          set(hour, 0, Descriptors.MILLI, 0);
          checkEqual(Fd.wait(set, 20_000), List.of(4L), "set anew in the child");
        });
    checkEqual(Fd.wait(set, 20_000), List.of(1L), "expired in the parent");
    checkEqual(Fd.readLong(once), 1L, "expiries in the parent");
    Program.expectSuccess(child);
    check(Fd.readLong(periodic) > 0, "periodic in the parent");
    await("the next period in the parent", () -> Fd.readLong(periodic) > 0);
    checkEqual(Fd.wait(set, 0), List.of(), "ready in the parent");
    Fd.close(once, periodic, idle, hour, set);
  }

  /** What has expired and was not read stays readable, with the same count. */
  static void unreadTimers() throws Exception {
    int once = timer(CLOCK_MONOTONIC, 0, Descriptors.MILLI, 0);
    int periodic = timer(CLOCK_MONOTONIC, 0, 10 * Descriptors.MILLI, 10 * Descriptors.MILLI);
    int slow = timer(CLOCK_MONOTONIC, 0, Descriptors.MILLI, 3_600_000 * Descriptors.MILLI);
    int set = Fd.epoll();
    Fd.add(set, once, Fd.EPOLLIN, 1);
    Fd.add(set, slow, Fd.EPOLLIN, 2);
    await("the timers", () -> Fd.wait(set, 1000).size() == 2);
    int third = Fd.epoll(); // a fork takes less than the period: it would not have expired by then
    Fd.add(third, periodic, Fd.EPOLLIN, 3);
    await("the periodic one", () -> !Fd.wait(third, 1000).isEmpty());
    Fd.close(third);
    for (int round = 0; round < 3; round++) { // the survey itself consumes nothing
      inChild(() -> {
        checkEqual(Fd.wait(set, 0), List.of(1L, 2L), "ready");
        checkEqual(Fd.readLong(once), 1L, "expiries");
        checkEqual(Fd.readLong(slow), 1L, "expiries of the periodic one");
        checkEqual(Fd.wait(set, 0), List.of(), "ready after they were read");
        check(Fd.info(slow, "it_value").getFirst().contains("(3599,"), "%s", Fd.info(slow, "it"));
        long ticks = Fd.readLong(periodic);
        check(ticks >= 1, "periodic: %d", ticks);
        await("the next period", () -> Fd.readLong(periodic) > 0);
      });
    }
    checkEqual(Fd.wait(set, 0), List.of(1L, 2L), "ready in the parent");
    checkEqual(Fd.readLong(slow), 1L, "expiries in the parent");
    Fd.close(once, periodic, slow, set);
  }

  static void absoluteTimers() throws Exception {
    long now = System.currentTimeMillis() * Descriptors.MILLI;
    int soon = timer(CLOCK_REALTIME, ABSTIME | CANCEL_ON_SET, now + 500 * Descriptors.MILLI, 0);
    int past = timer(CLOCK_REALTIME, ABSTIME, now - 2000 * Descriptors.MILLI, 0);
    int idle = timer(CLOCK_REALTIME, ABSTIME | CANCEL_ON_SET, 0, 0);
    inChild(() -> {
      checkEqual(Fd.info(soon, "clockid"), List.of("clockid: 0"), "clock");
      checkEqual(Fd.info(soon, "settime"), List.of("settime flags: 03"), "flags");
      checkEqual(Fd.info(idle, "settime"), List.of("settime flags: 03"), "flags of one not armed");
      checkEqual(Fd.readLong(past), 1L, "one in the past");
      checkEqual(Fd.readLong(idle), (long) -Fd.EAGAIN, "one that is not armed");
      await("the time", () -> Fd.readLong(soon) == 1);
      long late = System.currentTimeMillis() * Descriptors.MILLI - now - 500 * Descriptors.MILLI;
      check(late > -2 * Descriptors.MILLI, "it came too early: %d ns", -late);
    });
    await("the time in the parent", () -> Fd.readLong(soon) == 1);
    Fd.close(soon, past, idle);
  }
}
