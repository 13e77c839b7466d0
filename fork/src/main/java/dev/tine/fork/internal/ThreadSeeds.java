package dev.tine.fork.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Iterator;
import java.util.stream.BaseStream;

/** The seeds of {@code ThreadLocalRandom}, which each thread has its own of, virtual or not. */
final class ThreadSeeds {
  private static final MethodHandle ROOT;
  private static final MethodHandle THREADS;
  private static final MethodHandle CHILDREN;

  /** Whether the way to virtual threads has been gone once, so that nothing is linked on it. */
  private static boolean virtualKnown;

  static {
    try {
      Class<?> container = Class.forName("jdk.internal.vm.ThreadContainer");
      Class<?> containers = Class.forName("jdk.internal.vm.ThreadContainers");
      Class<?> stream = java.util.stream.Stream.class;
      ROOT =
          Seeders.lookup(containers)
              .findStatic(containers, "root", MethodType.methodType(container))
              .asType(MethodType.methodType(Object.class));
      THREADS = streamOf(container, "threads", stream);
      CHILDREN = streamOf(container, "children", stream);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ThreadSeeds() {}

  /** Before a fork, while all threads run. */
  static void prepareVirtual() {
    if (!virtualKnown && Seeders.hasVirtualThreads()) {
      virtualKnown = true;
      try {
        visit((Object) ROOT.invokeExact(), 0);
      } catch (Throwable e) {
        throw new AssertionError("the containers of virtual threads", e);
      }
    }
  }

  /** In a child: a new seed for every thread that has one. */
  static void renew(long seed) {
    for (Thread thread : Suspension.liveThreads()) {
      seed = renew(thread, seed);
    }
    if (Seeders.hasVirtualThreads()) {
      try {
        visit((Object) ROOT.invokeExact(), seed);
      } catch (Throwable e) {
        throw new AssertionError("the containers of virtual threads", e);
      }
    }
  }

  /** All virtual threads in a container and those within; 0: they are only looked at. */
  private static long visit(Object container, long seed) throws Throwable {
    Iterator<?> threads = ((BaseStream<?, ?>) (Object) THREADS.invokeExact(container)).iterator();
    while (threads.hasNext()) {
      Thread thread = (Thread) threads.next();
      if (thread.isVirtual() && seed != 0) {
        seed = renew(thread, seed);
      }
    }
    Iterator<?> children = ((BaseStream<?, ?>) (Object) CHILDREN.invokeExact(container)).iterator();
    while (children.hasNext()) {
      seed = visit((Object) children.next(), seed);
    }
    return seed;
  }

  /**
   * The probe says whether a thread has a seed. At 0, the next {@code ThreadLocalRandom.current()}
   * takes one from the common counter. Both are set: a thread that draws from an instance it holds
   * does not look at the probe, and one that is in the middle of a draw may overwrite the seed.
   */
  private static long renew(Thread thread, long seed) {
    if ((int) Seeders.THREAD_PROBE.get(thread) != 0) {
      Seeders.THREAD_SEED.set(thread, Randomness.mix(++seed));
      Seeders.THREAD_PROBE.set(thread, 0);
    }
    return seed;
  }

  private static MethodHandle streamOf(Class<?> container, String name, Class<?> stream)
      throws ReflectiveOperationException {
    return Seeders.lookup(container)
        .findVirtual(container, name, MethodType.methodType(stream))
        .asType(MethodType.methodType(Object.class, Object.class));
  }
}
