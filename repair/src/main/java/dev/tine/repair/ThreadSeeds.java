package dev.tine.repair;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.BaseStream;
import java.util.stream.Stream;

/** The seeds of {@code ThreadLocalRandom}, which each thread has its own of, virtual or not. */
final class ThreadSeeds {
  private static final Thread[] NONE = {};

  /** Those that have a seed, or are not suspended; found before a fork. */
  private static Thread[] seeded = NONE;

  /** Whether the way to virtual threads has been gone once, so that nothing is linked on it. */
  private static boolean virtualKnown;

  static {
    if (VirtualThreads.exist()) {
      Containers.find();
    }
  }

  private ThreadSeeds() {}

  /**
   * While the threads of the program are suspended: most have never drawn a number, and a child
   * that had to look at each of a thousand would pay for it.
   */
  static void find() {
    Thread current = Thread.currentThread();
    Thread[] threads = Suspension.liveThreads();
    int count = 0;
    for (Thread thread : threads) {
      if (hasSeed(thread) || !Suspension.isSuspendable(thread, current)) {
        threads[count++] = thread;
      }
    }
    seeded = Arrays.copyOf(threads, count);
  }

  /** They are not to be kept alive. */
  static void forget() {
    seeded = NONE;
  }

  /** Before a fork, while all threads run. */
  static void prepareVirtual() {
    if (!virtualKnown && Seeders.hasVirtualThreads()) {
      virtualKnown = true;
      Containers.visitAll(0);
    }
  }

  /** In a child: a new seed for every thread that has one. */
  static void renew(long seed) {
    for (Thread thread : seeded) {
      seed = renew(thread, seed);
    }
    forget();
    if (Seeders.hasVirtualThreads()) {
      Containers.visitAll(seed);
    }
  }

  /**
   * The probe says it; but a thread that draws from an instance of another thread's may have a seed
   * without.
   */
  private static boolean hasSeed(Thread thread) {
    return (int) Seeders.THREAD_PROBE.get(thread) != 0
        || (long) Seeders.THREAD_SEED.get(thread) != 0;
  }

  /**
   * Gives it another. With the probe at 0, the next {@code ThreadLocalRandom.current()} takes one
   * from the common counter. Both are set: a thread that draws from an instance it holds does not
   * look at the probe.
   */
  private static long renew(Thread thread, long seed) {
    if (hasSeed(thread)) {
      Seeders.THREAD_SEED.set(thread, Randomness.mix(++seed));
      Seeders.THREAD_PROBE.set(thread, 0);
    }
    return seed;
  }

  /** Where the JDK keeps virtual threads; for JDKs that have them. */
  private static final class Containers {
    private static final MethodHandle ROOT;
    private static final MethodHandle THREADS;
    private static final MethodHandle CHILDREN;

    static {
      try {
        Class<?> container = Class.forName("jdk.internal.vm.ThreadContainer");
        Class<?> containers = Class.forName("jdk.internal.vm.ThreadContainers");
        ROOT =
            Seeders.lookup(containers)
                .findStatic(containers, "root", MethodType.methodType(container))
                .asType(MethodType.methodType(Object.class));
        THREADS = streamOf(container, "threads");
        CHILDREN = streamOf(container, "children");
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Containers() {}

    static void find() {
      // The static initialiser of this class does it.
    }

    /** All virtual threads; 0: they are only looked at. */
    static void visitAll(long seed) {
      try {
        visit((Object) ROOT.invokeExact(), seed);
      } catch (Throwable e) {
        throw new AssertionError("the containers of virtual threads", e);
      }
    }

    /** All virtual threads in a container and those within; the next seed. */
    private static long visit(Object container, long seed) throws Throwable {
      Iterator<?> threads = ((BaseStream<?, ?>) (Object) THREADS.invokeExact(container)).iterator();
      while (threads.hasNext()) {
        Thread thread = (Thread) threads.next();
        if (VirtualThreads.is(thread) && seed != 0) {
          seed = renew(thread, seed);
        }
      }
      Iterator<?> children =
          ((BaseStream<?, ?>) (Object) CHILDREN.invokeExact(container)).iterator();
      while (children.hasNext()) {
        seed = visit((Object) children.next(), seed);
      }
      return seed;
    }

    private static MethodHandle streamOf(Class<?> container, String name)
        throws ReflectiveOperationException {
      return Seeders.lookup(container)
          .findVirtual(container, name, MethodType.methodType(Stream.class))
          .asType(MethodType.methodType(Object.class, Object.class));
    }
  }
}
