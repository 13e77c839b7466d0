package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ForkedProcess;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import dev.tine.sys.Pidfd;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** What parent and children draw from copies of the same generators. */
public final class Randoms {
  private static final int CHILDREN = 10;
  private static final int AT_ONCE = 5;

  private Randoms() {}

  static void main() throws IOException, GeneralSecurityException {
    SelfCheck.prepare();
    Path directory = Path.of(System.getProperty("java.io.tmpdir", ""));
    Draws draws = new Draws(directory.resolve("draws"));
    draws.addStatics();
    draws.addInstances("");
    for (int i = 0; i < 5; i++) {
      draws.addVirtualThread("virtual thread " + i);
    }
    Program.serve(
        Map.of(
            "ten children", () -> children(draws),
            "ten workers", () -> workers(draws),
            "later generators", () -> draws.addInstances("later "),
            "TLS", () -> tls(directory),
            "all distinct", () -> allDistinct(draws),
            "seeds of the user", Randoms::seedsOfTheUser,
            "busy threads", () -> busyThreads(directory),
            "held generators", () -> heldGenerators(directory),
            "held thread generator", () -> heldThreadGenerator(directory),
            "a generator that fails", Randoms::generatorThatFails));
  }

  /** One after the other without a pause, a few of them alive at a time. */
  private static void children(Draws draws) throws Exception {
    for (int made = 0; made < CHILDREN; made += AT_ONCE) {
      List<ForkedProcess> children = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        children.add(Program.fork(draws::note));
      }
      draws.note();
      for (ForkedProcess child : children) {
        Program.expectSuccess(child);
      }
    }
  }

  /** All are copies of the same frozen process. */
  private static void workers(Draws draws) throws Exception {
    switch (Mold.freeze("tine: mold")) {
      case Frozen.Worker(int _) -> {
        int code = 1;
        try {
          draws.note();
          code = 0;
        } finally {
          Libc.syscall(Libc.SYS_EXIT_GROUP, code);
        }
      }
      case Frozen.Monitor(Mold mold) -> {
        try (mold) {
          for (int made = 0; made < CHILDREN; made += AT_ONCE) {
            List<ForkedProcess> workers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
              workers.add(mold.forkWorker(made + i, "tine: worker"));
            }
            draws.note();
            for (ForkedProcess worker : workers) {
              Program.expectSuccess(worker);
            }
          }
        }
      }
    }
  }

  private static void tls(Path directory) throws Exception {
    Draws draws = new Draws(directory.resolve("tls"));
    draws.addTls();
    draws.note();
    for (int i = 0; i < 10; i++) {
      inChild(draws::note);
    }
    checkEqual(draws.checkDistinct(), 11, "draws");
    draws.delete();
  }

  private static void allDistinct(Draws draws) throws IOException {
    int count = draws.checkDistinct();
    check(count >= CHILDREN * draws.size(), "only %d draws", count);
    draws.delete();
  }

  /** It is reported, and the fork comes off. */
  private static void generatorThatFails() throws Exception {
    SecureRandom failing =
        new SecureRandom() {
          private static final long serialVersionUID = 1;

          private volatile boolean made = true;

          @Override
          public void setSeed(byte[] seed) {
            if (made) {
              throw new IllegalStateException("no seed is wanted");
            }
          }
        };
    inChild(() -> failing.nextInt());
  }

  private static void seedsOfTheUser() throws Exception {
    List<RandomGenerator> here = new ArrayList<>(List.of(new Random(7), new SplittableRandom(7)));
    List<RandomGenerator> there = new ArrayList<>(List.of(new Random(7), new SplittableRandom(7)));
    for (String name : List.of("L64X128MixRandom", "Xoshiro256PlusPlus")) {
      here.add(RandomGeneratorFactory.of(name).create(7));
      there.add(RandomGeneratorFactory.of(name).create(7));
    }
    inChild(() -> {
      for (int i = 0; i < here.size(); i++) {
        for (int draw = 0; draw < 100; draw++) {
          checkEqual(here.get(i).nextLong(), there.get(i).nextLong(), "generator " + i);
        }
      }
    });
  }

  /** A thread that draws without pause, and notes for each number which process drew it. */
  private static final class Busy implements Runnable {
    private static final int LOG = 100_000;

    private final LongSupplier generator;
    private final long[] drawn = new long[LOG];
    private final int[] pids = new int[LOG];
    private volatile int count;
    private volatile boolean begin;
    private volatile boolean stop;

    Busy(LongSupplier generator) {
      this.generator = generator;
    }

    @Override
    public void run() {
      while (!stop) {
        if (begin) {
          begin = false;
          count = 0;
        }
        int pid = Pidfd.self();
        long number = generator.getAsLong();
        // One that was being drawn at the fork is nobody's.
        int at = count;
        if (at < LOG && pid == Pidfd.self()) {
          drawn[at] = number;
          pids[at] = pid;
          count = at + 1; // last: who reads it reads what is before it
        }
      }
    }

    void begin() {
      begin = true;
      await("the busy thread", () -> !begin && count > 10);
    }

    /** The numbers that this process drew; waits until there are some. */
    String own(String name) {
      int pid = Pidfd.self();
      int before = count;
      await("draws of " + name, () -> count >= Math.min(LOG, before + 300));
      StringBuilder lines = new StringBuilder();
      int end = count;
      for (int i = 0; i < end; i++) {
        if (pids[i] == pid) {
          lines.append(name).append(": ").append(Draws.hex(drawn[i])).append('\n');
        }
      }
      return lines.toString();
    }
  }

  private static void busyThreads(Path directory) throws Exception {
    SecureRandom secure = new SecureRandom();
    SecureRandom drbg = SecureRandom.getInstance("DRBG");
    busyThread(directory, "SecureRandom", secure::nextLong);
    busyThread(directory, "DRBG", drbg::nextLong);
    busyThread(directory, "ThreadLocalRandom", () -> ThreadLocalRandom.current().nextLong());
    busyThread(directory, "Math", () -> Double.doubleToLongBits(Math.random()));
  }

  /** Draws without asking for the generator again, where it would be given a new seed. */
  private static final class Held implements LongSupplier {
    private static final int DRAWS = 200;

    private @Nullable ThreadLocalRandom generator;

    @Override
    public long getAsLong() {
      ThreadLocalRandom drawn = generator;
      if (drawn == null) {
        drawn = ThreadLocalRandom.current();
        generator = drawn;
      }
      long sum = 0;
      for (int i = 0; i < DRAWS; i++) { // it is in the middle of one nearly always
        sum = 31 * sum + drawn.nextLong();
      }
      return sum;
    }
  }

  private static void heldThreadGenerator(Path directory) throws Exception {
    for (int i = 0; i < 4; i++) {
      busyThread(directory, "held ThreadLocalRandom", new Held());
    }
  }

  /** What it draws the moment it runs in the child is the child's own. */
  private static void busyThread(Path directory, String name, LongSupplier generator)
      throws Exception {
    Busy busy = new Busy(generator);
    Thread thread = Thread.ofPlatform().name("busy").start(busy);
    try {
      for (int i = 0; i < 5; i++) {
        Draws draws = new Draws(directory.resolve("busy"));
        busy.begin();
        ForkedProcess child = Program.fork(() -> draws.note(busy.own(name)));
        Program.expectSuccess(child);
        draws.note(busy.own(name));
        check(draws.checkDistinct() > 100, "too few draws from %s", name);
        draws.delete();
      }
    } finally {
      busy.stop = true;
      thread.join();
    }
  }

  /** Threads that contend for a generator: one of them is in the middle of a draw at any moment. */
  private static void heldGenerators(Path directory) throws Exception {
    SecureRandom drbg = SecureRandom.getInstance("DRBG");
    List<Busy> busy = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      busy.add(new Busy(drbg::nextLong));
      threads.add(Thread.ofPlatform().name("busy " + i).start(busy.get(i)));
    }
    try {
      Draws draws = new Draws(directory.resolve("held"));
      for (int i = 0; i < 20; i++) {
        inChild(() -> draws.note(Draws.hex(drbg.nextLong()) + "\n"));
        draws.note(Draws.hex(drbg.nextLong()) + "\n");
      }
      checkEqual(draws.checkDistinct(), 40, "draws");
      draws.delete();
      synchronized (drbg) { // by the thread that forks
        inChild(() -> drbg.nextLong());
      }
    } finally {
      busy.forEach(each -> each.stop = true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }
}
