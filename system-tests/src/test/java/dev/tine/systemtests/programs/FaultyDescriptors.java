package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkException.Stage;
import dev.tine.fork.JvmFork;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import dev.tine.systemtests.kit.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Forks of which a child cannot get one of its descriptors. */
public final class FaultyDescriptors {
  /** fault.h. */
  private static final int EACH_DESCRIPTOR = 100;

  private static final int EACH_MEMBER = 101;
  private static final int NONE = 0;

  /** TINE_STAGE_CLONE of tine.h. */
  private static final int CLONE = 5;

  private static final int EIO = 5;
  private static final int EBADF = 9;
  private static final int EMFILE = 24;
  private static final int ENOSPC = 28;
  private static final int RLIMIT_NOFILE = 7;

  private FaultyDescriptors() {}

  static void main() throws Exception {
    SelfCheck.prepare();
    Program.inChild(() -> {}); // the first one opens what others use
    Program.serve(
        Map.of(
            "each descriptor", FaultyDescriptors::eachDescriptor,
            "each member", FaultyDescriptors::eachMember,
            "instances of inotify", FaultyDescriptors::instancesOfInotify,
            "numbers of descriptors", FaultyDescriptors::numbersOfDescriptors,
            "no number for a worker", FaultyDescriptors::noNumberForAWorker,
            "numbers are contended", FaultyDescriptors::numbersAreContended));
  }

  private static String library() {
    return String.valueOf(System.getProperty("dev.tine.library"));
  }

  /** The repair of each descriptor fails once; after each the process is as before. */
  private static void eachDescriptor() throws Exception {
    int[] pair = Fd.pair("socketpair", 1, 1, 0);
    int[] pipe = Fd.pipe();
    int[] fds = {
      Fd.epoll(),
      Fd.eventfd(3),
      Fd.check("timerfd_create", 1, 0),
      pair[0],
      pair[1],
      pipe[0],
      pipe[1]
    };
    Program.inChild(() -> {});
    int failures = 0;
    for (boolean failed = true; failed; failures++) {
      Libc.fault(library(), EACH_DESCRIPTOR, EIO, failures);
      failed = fails(EIO, "Input/output error");
    }
    Libc.fault(library(), NONE, 0, 0);
    check(failures > fds.length + 1, "only %d descriptors were repaired", failures - 1);
    checkEqual(Fd.readLong(fds[1]), 3L, "count");
    Fd.close(fds);
  }

  private static void eachMember() throws Exception {
    int set = Fd.epoll();
    int[] bells = {Fd.eventfd(0), Fd.eventfd(0), Fd.eventfd(0)};
    for (int bell : bells) {
      Fd.add(set, bell, Fd.EPOLLIN, bell);
    }
    for (int i = 0; i < bells.length; i++) {
      Libc.fault(library(), EACH_MEMBER, ENOSPC, i);
      check(fails(ENOSPC, "max_user_watches="), "member %d was not added", i);
    }
    Libc.fault(library(), NONE, 0, 0);
    Program.inChild(() -> checkEqual(Fd.info(set, "tfd:").size(), bells.length, "members"));
    Fd.close(bells);
    Fd.close(set);
  }

  /** All that the user may have are in use; the child needs as many. */
  private static void instancesOfInotify() throws Exception {
    int limit =
        Integer.parseInt(Files.readString(Path.of("/proc/sys/user/max_inotify_instances")).strip());
    int[] fds = new int[limit];
    for (int i = 0; i < limit; i++) {
      fds[i] = Fd.check("inotify_init1", 0);
    }
    check(fails(EMFILE, "max_inotify_instances=" + limit), "it was forked");
    int enough = limit / 2;
    for (int i = enough; i < limit; i++) {
      Fd.close(fds[i]);
    }
    Program.inChild(() -> SelfCheck.run(false));
    for (int i = 0; i < enough; i++) {
      Fd.close(fds[i]);
    }
  }

  /** The limit is below a number that is in use: the child cannot take that number again. */
  private static void numbersOfDescriptors() throws Exception {
    int bell = Fd.eventfd(0);
    int high = Fd.check("fcntl", bell, 0, 500);
    withNumbersBelow(400, () -> check(fails(EBADF, "RLIMIT_NOFILE=400"), "it was forked"));
    Program.inChild(() -> SelfCheck.run(false));
    Fd.close(bell, high);
  }

  /** The monitor has none left to hear of it, nor to hold it by. */
  private static void noNumberForAWorker() throws Exception {
    switch (Mold.freeze("tine-test: mold")) {
      case Frozen.Worker(int _) -> Libc.syscall(Libc.SYS_EXIT_GROUP, 0);
      case Frozen.Monitor(Mold mold) -> {
        try (mold) {
          Program.expectSuccess(mold.forkWorker(1, "tine-test: worker"));
          Map<Integer, String> descriptors = Proc.descriptors(Proc.self());
          int free = Fd.eventfd(0);
          Fd.close(free);
          withNumbersBelow(
              free,
              () -> {
                var failure = orderFails(mold);
                checkEqual(failure.errno(), EMFILE, "errno");
              });
          checkEqual(
              Proc.children(Proc.self()), List.of(mold.process().pid()), "processes that are left");
          checkEqual(Proc.descriptors(Proc.self()), descriptors, "descriptors");
          Program.expectSuccess(mold.forkWorker(2, "tine-test: worker"));
        }
      }
    }
  }

  private static ForkException orderFails(Mold mold) {
    try {
      throw new AssertionError("there is a worker: " + mold.forkWorker(3, "tine-test: worker"));
    } catch (ForkException e) {
      return e;
    }
  }

  /**
   * Whichever moment it is at which none is left: there is a child that can be waited for, or none.
   */
  private static void numbersAreContended() throws Exception {
    // Both once before, to load what they take: a class is a file, for which there may be no number
    // later.
    check(forksWithNumbers(), "it was not forked");
    Libc.fault(library(), CLONE, EMFILE, 0);
    check(!forksWithNumbers(), "it was forked");
    Libc.fault(library(), NONE, 0, 0);
    int free = Fd.eventfd(0);
    Fd.close(free);

    AtomicBoolean isOver = new AtomicBoolean();
    int[] outcomes = new int[2];
    withNumbersBelow(
        free + 100,
        () -> {
          Thread taker = Thread.ofPlatform().start(() -> takeAllNumbers(isOver, 100));
          try {
            for (int i = 0; i < 30; i++) {
              outcomes[forksWithNumbers() ? 0 : 1]++;
            }
          } finally {
            isOver.set(true);
            taker.join();
          }
        });
    Program.say("forked %d, refused %d".formatted(outcomes[0], outcomes[1]));
  }

  /** Takes what is free and gives it back, again and again. */
  private static void takeAllNumbers(AtomicBoolean isOver, int limit) {
    long[] taken = new long[limit];
    while (!isOver.get()) {
      int count = 0;
      while (count < limit && (taken[count] = Libc.call("eventfd", 0, 0)) >= 0) {
        count++;
      }
      while (count > 0) {
        Fd.close((int) taken[--count]);
      }
    }
  }

  private static boolean forksWithNumbers() throws Exception {
    boolean isForked = true;
    try {
      Program.inChild(() -> {});
    } catch (ForkException e) {
      checkEqual(e.errno(), EMFILE, "errno");
      isForked = false;
    }
    return isForked;
  }

  private static void withNumbersBelow(long limit, Program.Step step) throws Exception {
    var limits = Libc.memory(16);
    checkEqual(Libc.call("getrlimit", RLIMIT_NOFILE, limits), 0, "getrlimit");
    long before = limits.get(java.lang.foreign.ValueLayout.JAVA_LONG, 0);
    limits.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0, limit);
    checkEqual(Libc.call("setrlimit", RLIMIT_NOFILE, limits), 0, "setrlimit");
    try {
      step.run();
    } finally {
      limits.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0, before);
      checkEqual(Libc.call("setrlimit", RLIMIT_NOFILE, limits), 0, "setrlimit");
    }
  }

  /** false: it was forked. */
  private static boolean fails(int errno, String message) throws Exception {
    Map<Integer, String> descriptors = Proc.descriptors(Proc.self());
    ForkException failure;
    try {
      switch (JvmFork.fork()) {
        case dev.tine.fork.Fork.Child() -> Libc.syscall(Libc.SYS_EXIT_GROUP, 0);
        case dev.tine.fork.Fork.Parent(var child) -> Program.expectSuccess(child);
      }
      return false;
    } catch (ForkException e) {
      failure = e;
    }
    checkEqual(failure.stage(), Stage.DESCRIPTORS, "stage of: " + failure.getMessage());
    checkEqual(failure.errno(), errno, "errno of: " + failure.getMessage());
    check(String.valueOf(failure.getMessage()).contains(message), "%s", failure.getMessage());
    checkEqual(Proc.children(Proc.self()), List.of(), "children");
    checkEqual(Proc.descriptors(Proc.self()), descriptors, "descriptors");
    SelfCheck.remember();
    return true;
  }
}
