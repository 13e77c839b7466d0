package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ForkException;
import dev.tine.repair.Jvmti;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Threads that are suspended around a fork, and must all go on. */
public final class Standstill {
  private Standstill() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.of(
            "all threads go on", Standstill::allThreadsGoOn,
            "all threads go on after failures", Standstill::allThreadsGoOnAfterFailures,
            "suspended by the program", Standstill::suspendedByTheProgram,
            "fork from a virtual thread", Standstill::forkFromAVirtualThread,
            "a lock that is held", Standstill::lockThatIsHeld,
            "threads that come and go", Standstill::threadsThatComeAndGo));
  }

  /** With a generator, for whose sake threads are suspended for longer. */
  private static void forkFromAVirtualThread() throws Exception {
    SecureRandom drbg = SecureRandom.getInstance("DRBG");
    drbg.nextInt();
    withThreads(
        20,
        progress -> {
          AtomicReference<Throwable> failure = new AtomicReference<>();
          Thread thread =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      for (int i = 0; i < 5; i++) {
                        inChild(() -> awaitProgress(progress));
                      }
                    } catch (Throwable e) {
                      failure.set(e);
                    }
                  });
          thread.join();
          if (failure.get() != null) {
            throw new AssertionError(failure.get());
          }
          awaitProgress(progress);
        });
    long last = drbg.nextLong();
    check(drbg.nextLong() != last, "the generator");
  }

  /** A generator whose lock is not given up makes the fork fail, and names the thread. */
  private static void lockThatIsHeld() throws Exception {
    SecureRandom drbg = SecureRandom.getInstance("DRBG", "SUN");
    drbg.nextInt();
    SecureRandom guarded =
        new SecureRandom() {
          private static final long serialVersionUID = 1;
        };
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .name("the holder")
            .start(() -> {
              synchronized (guarded) {
                held.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }
            });
    held.await();
    withThreads(
        10,
        progress -> {
          try {
            inChild(() -> {});
            Program.fail("the fork did not fail");
          } catch (ForkException e) {
            checkEqual(e.stage(), ForkException.Stage.PARK, "stage");
            check(String.valueOf(e.getMessage()).contains("\"the holder\""), "%s", e.getMessage());
          }
          awaitProgress(progress);
          release.countDown();
          holder.join();
          inChild(() -> awaitProgress(progress));
        });
  }

  /** A thread that was suspended before stays so, in both processes. */
  private static void suspendedByTheProgram() throws Exception {
    inChild(() -> {}); // opens what is used here
    withThreads(
        2,
        progress -> {
          Thread[] one = {find("ticking 0")};
          int[] error = new int[1];
          checkEqual(Jvmti.begin(), Jvmti.NONE, "begin");
          Jvmti.suspend(one, 1, error);
          Jvmti.end();
          checkEqual(error[0], Jvmti.NONE, "suspend");
          inChild(() -> {
            checkSuspended(one);
            awaitProgress(progress);
          });
          checkSuspended(one);
          awaitProgress(progress);
        });
  }

  /** It is, and goes on. */
  private static void checkSuspended(Thread[] one) {
    int[] error = new int[1];
    checkEqual(Jvmti.begin(), Jvmti.NONE, "begin");
    Jvmti.suspend(one, 1, error);
    int again = error[0];
    Jvmti.resume(one, 1, error);
    Jvmti.end();
    checkEqual(again, Jvmti.THREAD_SUSPENDED, "suspended already");
    checkEqual(error[0], Jvmti.NONE, "resume");
  }

  private static Thread find(String name) {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals(name)) {
        return thread;
      }
    }
    throw new AssertionError("no thread " + name);
  }

  /** While others start threads and end. */
  private static void threadsThatComeAndGo() throws Exception {
    AtomicLongArray stop = new AtomicLongArray(1);
    Thread starter =
        Thread.ofPlatform()
            .start(() -> {
              while (stop.get(0) == 0) {
                try {
                  Thread.ofPlatform().start(() -> {}).join();
                  Thread.ofVirtual().start(() -> {}).join();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }
            });
    try {
      withThreads(
          5,
          progress -> {
            for (int i = 0; i < 10; i++) {
              inChild(() -> awaitProgress(progress));
              awaitProgress(progress);
            }
          });
    } finally {
      stop.set(0, 1);
      starter.join();
    }
  }

  /** No thread is left suspended. */
  private static void checkNoneSuspended() {
    Thread current = Thread.currentThread();
    Thread[] threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread != current && thread.isAlive())
            .toArray(Thread[]::new);
    int[] suspending = new int[threads.length];
    int[] resuming = new int[threads.length];
    checkEqual(Jvmti.begin(), Jvmti.NONE, "begin");
    Jvmti.suspend(threads, threads.length, suspending);
    Jvmti.resume(threads, threads.length, resuming);
    Jvmti.end();
    for (int i = 0; i < threads.length; i++) {
      check(suspending[i] != Jvmti.THREAD_SUSPENDED, "%s is suspended", threads[i]);
    }
  }

  private static void allThreadsGoOn() throws Exception {
    withThreads(
        1_000,
        progress -> {
          for (int i = 0; i < 3; i++) {
            inChild(() -> checkAllGoOn(progress));
            checkAllGoOn(progress);
          }
        });
  }

  private static void allThreadsGoOnAfterFailures() throws Exception {
    String library = System.getProperty("dev.tine.library", "");
    withThreads(
        50,
        progress -> {
          for (int stage = 1; stage <= 9; stage++) {
            Libc.fault(library, stage, 5, 0);
            try {
              Program.inChild(() -> {});
              Program.fail("stage %d did not fail", stage);
            } catch (ForkException e) {
              checkAllGoOn(progress);
            } finally {
              Libc.fault(library, 0, 0, 0);
            }
          }
          inChild(() -> checkAllGoOn(progress));
        });
  }

  private static void checkAllGoOn(AtomicLongArray progress) {
    awaitProgress(progress);
    checkNoneSuspended();
  }

  private interface WithThreads {
    void run(AtomicLongArray progress) throws Exception;
  }

  /** With threads of both kinds that go on and on. */
  private static void withThreads(int count, WithThreads action) throws Exception {
    AtomicLongArray progress = new AtomicLongArray(2 * count);
    AtomicLongArray stop = new AtomicLongArray(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < progress.length(); i++) {
      int slot = i;
      Thread.Builder builder =
          i % 2 == 0 ? Thread.ofPlatform().name("ticking " + i) : Thread.ofVirtual();
      threads.add(
          builder.start(() -> {
            while (stop.get(0) == 0) {
              progress.incrementAndGet(slot);
              LockSupport.parkNanos(20_000_000);
            }
          }));
    }
    try {
      awaitProgress(progress);
      action.run(progress);
    } finally {
      stop.set(0, 1);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static void awaitProgress(AtomicLongArray progress) {
    long[] before = new long[progress.length()];
    for (int i = 0; i < before.length; i++) {
      before[i] = progress.get(i);
    }
    for (int i = 0; i < before.length; i++) {
      int slot = i;
      await("thread " + i, () -> progress.get(slot) > before[slot]);
    }
  }
}
