package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a child has in the place of its parent's pollers, timers, pipes and pairs. */
public final class Descriptors {
  private static final int SIGUSR1 = 10;
  private static final int AF_UNIX = 1;
  private static final int STREAM = 1;
  private static final int DGRAM = 2;
  private static final int SEQPACKET = 5;
  private static final int SHUT_WR = 1;
  private static final int F_SETSIG = 10;
  static final long MILLI = 1_000_000;

  private Descriptors() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.ofEntries(
            Map.entry("own sets", Descriptors::ownSets),
            Map.entry("nested sets", Descriptors::nestedSets),
            Map.entry("renumbered members", Descriptors::renumberedMembers),
            Map.entry("spent members", Descriptors::spentMembers),
            Map.entry("eventfds", Descriptors::eventfds),
            Map.entry("timers", Timers::timers),
            Map.entry("unread timers", Timers::unreadTimers),
            Map.entry("absolute timers", Timers::absoluteTimers),
            Map.entry("signalfds", Descriptors::signalfds),
            Map.entry("duplicates", Descriptors::duplicates),
            Map.entry("duplicates that others look at", Descriptors::duplicatesThatOthersLookAt),
            Map.entry("pipes", Descriptors::pipes),
            Map.entry("pairs", Descriptors::pairs),
            Map.entry("many descriptors", Descriptors::manyDescriptors)));
  }

  /** Nothing the child does to a set is seen by the parent, and the reverse. */
  private static void ownSets() throws Exception {
    int[] bells = {Fd.eventfd(0), Fd.eventfd(1), Fd.eventfd(0), Fd.eventfd(0)};
    int set = Fd.epoll();
    for (int i = 0; i < 3; i++) {
      Fd.add(set, bells[i], Fd.EPOLLIN, 100 + i);
    }
    Path parentIsDone = Files.createTempFile("parent-", ".done");
    ForkedProcess child =
        Program.fork(() -> {
          checkEqual(Fd.wait(set, 0), List.of(101L), "ready as it was");
          Fd.remove(set, bells[0]);
          Fd.add(set, bells[3], Fd.EPOLLIN, 103);
          Fd.writeLong(bells[3], 1);
          checkEqual(Fd.wait(set, 0), List.of(101L, 103L), "ready in the child");
          await("the parent", () -> !Files.exists(parentIsDone));
          checkEqual(Fd.wait(set, 0), List.of(101L, 103L), "ready, after the parent's changes");
          checkEqual(Fd.readLong(bells[1]), 1L, "count");
          Fd.close(set, bells[1]);
        });
    Fd.remove(set, bells[1]);
    Fd.writeLong(bells[2], 5);
    checkEqual(Fd.wait(set, 0), List.of(102L), "ready in the parent");
    Files.delete(parentIsDone);
    Program.expectSuccess(child);
    checkEqual(Fd.wait(set, 0), List.of(102L), "ready in the parent, after the child's changes");
    checkEqual(Fd.info(set, "tfd:").size(), 2, "members in the parent");
    checkEqual(Fd.readLong(bells[2]), 5L, "count");
    checkEqual(Fd.readLong(bells[1]), 1L, "count that the child has read");
    Fd.close(bells);
    Fd.close(set);
  }

  private static void nestedSets() throws Exception {
    int bell = Fd.eventfd(0);
    int[] sets = {Fd.epoll(), Fd.epoll(), Fd.epoll()};
    // The outer ones have lower numbers and higher ones.
    Fd.add(sets[1], bell, Fd.EPOLLIN | Fd.EPOLLET, 7);
    Fd.add(sets[0], sets[1], Fd.EPOLLIN, 8);
    Fd.add(sets[2], sets[0], Fd.EPOLLIN, 9);
    inChild(() -> {
      checkEqual(Fd.wait(sets[2], 0), List.of(), "ready");
      Fd.writeLong(bell, 1);
      checkEqual(Fd.wait(sets[2], 0), List.of(9L), "outermost");
      checkEqual(Fd.wait(sets[0], 0), List.of(8L), "middle");
      checkEqual(Fd.wait(sets[1], 0), List.of(7L), "innermost");
      checkEqual(Fd.wait(sets[1], 0), List.of(), "the edge was reported");
    });
    checkEqual(Fd.wait(sets[2], 0), List.of(), "ready in the parent");
    Fd.close(sets);
    Fd.close(bell);
  }

  /** A set goes on reporting a file after its number was closed, as long as a duplicate lives. */
  private static void renumberedMembers() throws Exception {
    int[] first = Fd.pipe();
    int[] second = Fd.pipe();
    int set = Fd.epoll();
    int first0 = first[0];
    int number = Fd.check("fcntl", first0, 0, 700); // nobody else takes it when it is free
    Fd.add(set, number, Fd.EPOLLIN, 1);
    Fd.close(number);
    inChild(() -> {
      Fd.write(first[1], "x");
      checkEqual(Fd.wait(set, 0), List.of(1L), "ready, by a number that is closed");
      checkEqual(Libc.call("fcntl", number, 1, 0), -9, "the number is closed");
      checkEqual(Fd.read(first0), "x", "read");
    });
    // The number is taken by another file, first outside of the set, then also a member.
    checkEqual(Fd.check("dup2", second[0], number), number, "dup2");
    Fd.check("fcntl", number, 2, 1); // FD_CLOEXEC
    inChild(() -> {
      Fd.write(second[1], "y");
      checkEqual(Fd.wait(set, 0), List.of(), "ready, though it is no member");
      Fd.write(first[1], "x");
      checkEqual(Fd.wait(set, 0), List.of(1L), "ready, by a number that is another's");
      checkEqual(Fd.read(number), "y", "read");
      checkEqual(Libc.call("fcntl", number, 1, 0), 1, "flags of the number");
    });
    Fd.add(set, number, Fd.EPOLLIN, 2);
    inChild(() -> {
      Fd.write(second[1], "y");
      checkEqual(Fd.wait(set, 0), List.of(2L), "ready");
      Fd.write(first[1], "x");
      checkEqual(Fd.wait(set, 0), List.of(1L, 2L), "both, added by one number");
    });
    // Nameless files have one inode for all of them.
    int bell = Fd.eventfd(0);
    Fd.add(set, bell, Fd.EPOLLIN, 3);
    int duplicate = Fd.check("dup", bell);
    int other = Fd.eventfd(1);
    Fd.check("dup2", other, bell);
    inChild(() -> {
      checkEqual(Fd.wait(set, 0), List.of(), "an eventfd that took the number of another");
      Fd.writeLong(duplicate, 1);
      checkEqual(Fd.wait(set, 0), List.of(3L), "an eventfd by its duplicate");
    });
    checkEqual(Fd.wait(set, 0), List.of(), "ready in the parent");
    Fd.close(set, number, first0, first[1], second[0], second[1], bell, duplicate, other);
  }

  /** A one-shot member that was reported is silent until it is armed, also if it is dead now. */
  private static void spentMembers() throws Exception {
    int[] pipe = Fd.pipe();
    int set = Fd.epoll();
    Fd.add(set, pipe[0], Fd.EPOLLIN | Fd.EPOLLONESHOT, 1);
    Fd.write(pipe[1], "x");
    checkEqual(Fd.wait(set, 0), List.of(1L), "ready");
    int writer = Fd.check("dup", pipe[1]);
    Process cat = new ProcessBuilder("cat").start(); // its ends are dead in a child
    int dead =
        Proc.descriptors(Proc.self()).entrySet().stream()
            .filter(entry -> entry.getKey() > 2 && entry.getValue().startsWith("pipe:"))
            .map(Map.Entry::getKey)
            .filter(fd -> fd != pipe[0] && fd != pipe[1] && fd != writer)
            .filter(fd -> (Libc.call("fcntl", fd, 3, 0) & 3) == 0)
            .findFirst()
            .orElseThrow();
    Fd.add(set, dead, Fd.EPOLLONESHOT, 2);
    Fd.check("epoll_ctl", set, 3, dead, Libc.memory(12)); // armed for hang-up only
    int bell = Fd.eventfd(0);
    Fd.add(set, bell, Fd.EPOLLIN | Fd.EPOLLET, 3);
    Fd.writeLong(bell, 1);
    inChild(() -> {
      List<Long> ready = Fd.wait(set, 0);
      check(ready.contains(3L) && !ready.contains(1L), "ready: %s", ready);
    });
    cat.destroy();
    checkEqual(cat.waitFor() != 0, true, "cat was ended");
    Fd.close(set, pipe[0], pipe[1], writer, bell);
  }

  private static void eventfds() throws Exception {
    int big = Fd.eventfd(0);
    Fd.writeLong(big, 1L << 40);
    int semaphore = Fd.check("eventfd", 3, 1);
    inChild(() -> {
      checkEqual(Fd.readLong(big), 1L << 40, "count");
      checkEqual(Fd.readLong(big), (long) -Fd.EAGAIN, "count, not blocking");
      checkEqual(Fd.readLong(semaphore), 1L, "semaphore");
      checkEqual(Fd.info(semaphore, "eventfd-count"), Fd.info(semaphore, "eventfd-count"), "count");
    });
    checkEqual(Fd.readLong(semaphore), 1L, "semaphore in the parent");
    checkEqual(Fd.readLong(big), 1L << 40, "count in the parent");
    Fd.close(big, semaphore);
  }

  private static void signalfds() throws Exception {
    Libc.mask(true, SIGUSR1);
    int fd = Fd.check("signalfd", -1, Libc.signalSet(SIGUSR1), Fd.NONBLOCK);
    int set = Fd.epoll();
    Fd.add(set, fd, Fd.EPOLLIN, 1);
    inChild(() -> {
      checkEqual(Fd.info(fd, "sigmask"), List.of("sigmask:\t0000000000000200"), "mask");
      checkEqual(Fd.wait(set, 0), List.of(), "ready");
      Libc.syscall(Libc.SYS_TGKILL, Proc.self(), Libc.gettid(), SIGUSR1);
      checkEqual(Fd.wait(set, 0), List.of(1L), "ready");
      check(Fd.readLong(fd) != 0, "read"); // too little room: EINVAL, which says that it is one
      // The child's looks at signals of its own only.
      Fd.check("signalfd", fd, Libc.signalSet(), 0);
    });
    checkEqual(Fd.info(fd, "sigmask"), List.of("sigmask:\t0000000000000200"), "parent's mask");
    Fd.close(fd, set);
    Libc.mask(false, SIGUSR1);
  }

  /** Two numbers of one description are that in the child too, and not the parent's. */
  private static void duplicates() throws Exception {
    Path file = Files.createTempFile("duplicate-", ".txt");
    Files.writeString(file, "0123456789");
    int[] pair = Fd.pair("socketpair", AF_UNIX, STREAM | Fd.NONBLOCK, 0);
    int[] pipe = Fd.pipe();
    int[] first = {
      Fd.open(file.toString(), 0),
      Fd.eventfd(0),
      Fd.epoll(),
      Timers.timer(Timers.CLOCK_MONOTONIC, 0, 0, 0),
      pair[0],
      pipe[1],
      // Like those before, and others nevertheless:
      Fd.open(file.toString(), 0),
      Fd.eventfd(0),
      Fd.epoll(),
      Timers.timer(Timers.CLOCK_MONOTONIC, 0, 0, 0)
    };
    int[] second = new int[first.length];
    for (int i = 0; i < first.length; i++) {
      second[i] = Fd.check("dup", first[i]);
    }
    int out = Fd.check("dup", 1);
    ForkedProcess child =
        Program.fork(() -> {
          for (int i = 0; i < first.length; i++) {
            checkEqual(same(first[i], second[i]), true, "is a duplicate " + i);
            for (int j = 0; j < i; j++) {
              checkEqual(same(first[i], first[j]), false, "is a duplicate of another " + i);
            }
            check(!Fd.isSharedWith(Proc.parent(Proc.self()), first[i]), "shared: %d", i);
            check(!Fd.isSharedWith(Proc.parent(Proc.self()), second[i]), "shared: %d", i);
          }
          Fd.check("lseek", first[0], 4L, 0);
          checkEqual(Fd.read(second[0]), "456789", "position");
          checkEqual(Fd.read(first[6]), "0123456789", "another position");
          Fd.write(second[4], "x");
          checkEqual(Fd.read(pair[1]), "x", "through the pair");
          Fd.write(second[5], "y");
          checkEqual(Fd.read(pipe[0]), "y", "through the pipe");
          check(
              Fd.isSharedWith(Proc.parent(Proc.self()), out),
              "a duplicate of stdout is not shared");
        });
    Program.expectSuccess(child);
    checkEqual(Fd.read(second[0]), "0123456789", "position in the parent");
    Fd.close(first);
    Fd.close(second);
    Fd.close(pair[1], pipe[0], out);
    Files.delete(file);
  }

  /**
   * Two processes that share a description fork at once: each marks it to find its duplicates. One
   * of the two is this child, which does nothing but mark it and take the mark away.
   */
  private static void duplicatesThatOthersLookAt() throws Exception {
    int[] pipe = Fd.pipe();
    int duplicate = Fd.check("dup", pipe[1]);
    Path parentForks = Files.createTempFile("parent-", ".forks");
    ForkOptions shared =
        ForkOptions.defaults().keep(d -> d.number() == pipe[1] || d.number() == duplicate);
    ForkedProcess other =
        Program.fork(
            shared,
            () -> {
              while (Files.exists(parentForks)) {
                for (int i = 0; i < 1000; i++) {
                  Fd.check("fcntl", pipe[1], F_SETSIG, i % 2);
                }
              }
            });
    try {
      for (int i = 0; i < 60; i++) {
        inChild(() -> {
          Fd.write(duplicate, "x");
          checkEqual(Fd.read(pipe[0]), "x", "through the pipe");
          check(!Fd.isSharedWith(Proc.parent(Proc.self()), pipe[1]), "shared");
        });
      }
    } finally {
      Files.delete(parentForks);
      Program.expectSuccess(other);
    }
    Fd.close(pipe[0], pipe[1], duplicate);
  }

  private static boolean same(int a, int b) {
    return Libc.syscall(312, Proc.self(), Proc.self(), 0, a, b) == 0;
  }

  private static void pipes() throws Exception {
    int[] pipe = Fd.pipe();
    Fd.write(pipe[1], "waiting");
    inChild(() -> {
      checkEqual(Fd.read(pipe[0]), "waiting", "what was in it");
      Fd.write(pipe[1], "own");
      checkEqual(Fd.read(pipe[0]), "own", "what is in it");
      Fd.close(pipe[1]);
      checkEqual(Fd.read(pipe[0]), "", "the end");
    });
    checkEqual(Fd.read(pipe[0]), "waiting", "in the parent");
    checkEqual(Fd.read(pipe[0]), "errno " + Fd.EAGAIN, "in the parent");
    Fd.close(pipe);
  }

  private static void pairs() throws Exception {
    for (int type : new int[] {STREAM, DGRAM, SEQPACKET}) {
      int[] pair = Fd.pair("socketpair", AF_UNIX, type | Fd.NONBLOCK, 0);
      Fd.write(pair[0], "one");
      Fd.write(pair[0], "two");
      Fd.write(pair[1], "back");
      Fd.check("shutdown", pair[1], SHUT_WR);
      List<String> messages = type == STREAM ? List.of("onetwo") : List.of("one", "two");
      inChild(() -> {
        for (String message : messages) {
          checkEqual(Fd.read(pair[1]), message, "message");
        }
        checkEqual(Fd.read(pair[1]), "errno " + Fd.EAGAIN, "no more");
        checkEqual(Fd.read(pair[0]), "back", "message");
        checkEqual(
            Fd.read(pair[0]),
            type == DGRAM ? "errno " + Fd.EAGAIN : "",
            "shut down, if it is that kind");
        Fd.write(pair[0], "own");
        checkEqual(Fd.read(pair[1]), "own", "message");
        Fd.write(pair[0], "left");
      });
      for (String message : messages) {
        checkEqual(Fd.read(pair[1]), message, "message in the parent");
      }
      checkEqual(Fd.read(pair[1]), "errno " + Fd.EAGAIN, "no more in the parent");
      checkEqual(Fd.read(pair[0]), "back", "message in the parent");
      Fd.close(pair);
    }
  }

  private static void manyDescriptors() throws Exception {
    int n = 300;
    int[] sets = new int[n];
    int[] bells = new int[n];
    int[][] pipes = new int[n][];
    int[][] pairs = new int[n][];
    int all = Fd.epoll();
    for (int i = 0; i < n; i++) {
      sets[i] = Fd.epoll();
      bells[i] = Fd.eventfd(i % 2);
      pipes[i] = Fd.pipe();
      pairs[i] = Fd.pair("socketpair", AF_UNIX, STREAM | Fd.NONBLOCK, 0);
      Fd.add(sets[i], bells[i], Fd.EPOLLIN, i);
      Fd.add(all, pipes[i][0], Fd.EPOLLIN, i);
      Fd.write(pipes[i][1], "p" + i);
      Fd.write(pairs[i][0], "s" + i);
    }
    inChild(() -> {
      for (int i = 0; i < n; i++) {
        checkEqual(Fd.wait(sets[i], 0), i % 2 == 0 ? List.of() : List.of((long) i), "ready");
        checkEqual(Fd.read(pipes[i][0]), "p" + i, "from the pipe");
        checkEqual(Fd.read(pairs[i][1]), "s" + i, "from the pair");
      }
      checkEqual(Fd.wait(all, 0), List.of(), "all were read");
    });
    checkEqual(Fd.wait(all, 0).size(), 16, "ready in the parent");
    for (int i = 0; i < n; i++) {
      checkEqual(Fd.read(pipes[i][0]), "p" + i, "from the pipe in the parent");
      checkEqual(Fd.read(pairs[i][1]), "s" + i, "from the pair in the parent");
      Fd.close(sets[i], bells[i], pipes[i][0], pipes[i][1], pairs[i][0], pairs[i][1]);
    }
    Fd.close(all);
  }
}
