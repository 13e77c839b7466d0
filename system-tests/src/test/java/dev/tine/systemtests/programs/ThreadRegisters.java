package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What a thread has in the processor when it is parked. */
@SuppressWarnings("restricted") // tests call what Java has no words for
final class ThreadRegisters {
  private ThreadRegisters() {}

  private static final int FE_UPWARD = 0x800;

  static void floatingPointEnvironment() throws Exception {
    // Of fenv_t: x87 control word, MXCSR without its sticky flags.
    MemorySegment environment = Libc.memory(32);
    try (var actor = new Actor("rounds up")) {
      Callable<List<Integer>> read =
          () -> {
            checkEqual(Libc.call("fegetenv", environment), 0, "fegetenv");
            return List.of(
                Libc.call("fegetround"),
                environment.get(JAVA_INT, 0) & 0xffff,
                environment.get(JAVA_INT, 28) & ~0x3f);
          };
      List<Integer> usual = read.call();
      actor.tell(() -> checkEqual(Libc.call("fesetround", FE_UPWARD), 0, "fesetround"));
      List<Integer> wanted = actor.ask(read);
      checkEqual(wanted.getFirst(), FE_UPWARD, "rounding");
      check(!wanted.get(2).equals(usual.get(2)), "MXCSR: %s", wanted);
      inChild(() -> {
        checkEqual(actor.ask(read), wanted, "in the child");
        checkEqual(read.call(), usual, "of another thread in the child");
      });
      checkEqual(actor.ask(read), wanted, "in the parent");
      actor.tell(() -> checkEqual(Libc.call("fesetround", 0), 0, "fesetround"));
    }
  }

  /** Loops that keep all they know in registers are caught in their midst, many times. */
  static void registers() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    var wrong = new AtomicReference<>("");
    AtomicLong vectors = new AtomicLong();
    AtomicLong scalars = new AtomicLong();
    int[] a = new int[4096];
    double[] b = new double[4096];
    for (int i = 0; i < a.length; i++) {
      a[i] = i * 31;
      b[i] = 1.0 / (i + 1);
    }
    int vectorSum = vectorSum(a);
    double scalarSum = scalarSum(b);
    List<Thread> threads =
        List.of(
            Thread.ofPlatform()
                .name("vectors")
                .start(() -> {
                  while (!stop.get()) {
                    int sum = vectorSum(a);
                    if (sum != vectorSum) {
                      wrong.set("vectors: " + sum + ", expected " + vectorSum);
                    }
                    vectors.incrementAndGet();
                  }
                }),
            Thread.ofPlatform()
                .name("scalars")
                .start(() -> {
                  while (!stop.get()) {
                    double sum = scalarSum(b);
                    if (Double.doubleToRawLongBits(sum) != Double.doubleToRawLongBits(scalarSum)) {
                      wrong.set("scalars: " + sum + ", expected " + scalarSum);
                    }
                    scalars.incrementAndGet();
                  }
                }));
    try {
      await("compiled code", () -> vectors.get() > 30_000 && scalars.get() > 30_000);
      for (int i = 0; i < 20; i++) {
        long vectorsBefore = vectors.get();
        long scalarsBefore = scalars.get();
        inChild(() -> {
          await(
              "loops in the child",
              () -> vectors.get() > vectorsBefore + 50 && scalars.get() > scalarsBefore + 50);
          checkEqual(wrong.get(), "", "in the child");
        });
        await(
            "loops in the parent",
            () -> vectors.get() > vectorsBefore + 50 && scalars.get() > scalarsBefore + 50);
        checkEqual(wrong.get(), "", "in the parent");
      }
    } finally {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  /** C2 makes vector instructions of this. */
  private static int vectorSum(int[] a) {
    int sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * a[i] ^ i;
    }
    return sum;
  }

  /** And keeps this in one register, in order. */
  private static double scalarSum(double[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum = sum * 0.9999 + b[i];
    }
    return sum;
  }
}
